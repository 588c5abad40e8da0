#!/usr/bin/env bash
# Prepares the demo study where it is not there yet, then serves the site until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
exec .venv/bin/python manage.py up --demo
