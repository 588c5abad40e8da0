#!/usr/bin/env bash
# The whole suite. AMEND_REQUIRE=chromium,docker makes a skip for want of them a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
(cd annotations/editor && npm test --silent)
exec .venv/bin/python -m pytest "$@"
