#!/usr/bin/env bash
# The whole suite. AMEND_REQUIRE=chromium,docker makes a skip for want of them a failure; the editor is always required,
# since scripts/setup.sh makes it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
export AMEND_REQUIRE="${AMEND_REQUIRE:+$AMEND_REQUIRE,}editor"
(cd annotations/editor && npm test --silent)
exec .venv/bin/python -m pytest "$@"
