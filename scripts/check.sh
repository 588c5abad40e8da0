#!/usr/bin/env bash
# What must hold before every commit, in under two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
export AMEND_REQUIRE="${AMEND_REQUIRE:+$AMEND_REQUIRE,}editor"
ruff check .
ruff format --check .
mypy
lint-imports
AMEND_STATE="$PWD/var/test" python manage.py makemigrations --check --dry-run
(cd annotations/editor && npm run --silent check && npm test --silent)
python -m pytest -q -m "not sandbox and not journey"
