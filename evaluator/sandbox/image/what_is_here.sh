# Run in an image that backends shall run in: prints what it brings, a line each: NAME PATH VERSION.
tar --version >/dev/null || exit
python=$(command -v python3.12 || command -v python3) &&
    # One that lacks any of these cannot make an environment.
    version=$("$python" -I -c 'import ctypes, ssl, sys, venv; print("%d.%d.%d" % sys.version_info[:3])') &&
    echo "python $(readlink -f "$python") $version"
uv=$(command -v uv) && echo "uv $uv $(uv --version)"
node=$(command -v node) && echo "node $node $(node --version)" &&
    for prefix in "${node%/bin/node}" /usr /usr/local; do
        [ -f "$prefix/include/node/node.h" ] && echo "headers $prefix" && break
    done
npm=$(command -v npm) && echo "npm $npm $(HOME=/tmp npm --version)"
true
