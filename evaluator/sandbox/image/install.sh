#!/bin/bash
# Makes a Debian, or an image that is built on one, the base image of backends. Runs as root inside it, from the
# Dockerfile beside this file. Everything that does not come from the distribution is pinned and compared by hash.
set -euo pipefail

node_version=20.20.2
npm_version=10.8.2 # the one that this Node.js is published with
uv_version=0.13.9  # as in requirements.txt
registry=${NPM_REGISTRY:-https://registry.npmjs.org}

case $(uname -m) in
x86_64)
    platform=linux-x64
    node_hash=3de1d033cc007661ed640d66068732819c6ce4b8945adb097b3413901774898f7cecaa46ac3d4edad544c9dbcc662b9771e45a9f1b7bae34e70c407038fba3a1
    ;;
aarch64)
    platform=linux-arm64
    node_hash=2c25c99cd4c58b21ae601c36819488e4e04531b92300fb7cb2a0ff34aad6a04d90983812b9b4ea16783a19a349f4427c1e9c413067165a96db72ce15a3e0a71a
    ;;
*)
    echo "There is no Node.js for $(uname -m) here." >&2
    exit 1
    ;;
esac
npm_hash=c7f0088c520a46596b85c6f8f1da943400199748a0f7ea8cb8df75469668dc26f6fb3ba26df87e2884a5ebe91557292d0f3db7d0929cdb4f14910c3032ac81fb

export DEBIAN_FRONTEND=noninteractive
packages=(bash tar ca-certificates curl make g++ libpq-dev)
# An image such as `python` brings its own; Debian's own is what there is elsewhere.
command -v python3.12 >/dev/null || packages+=(python3 python3-dev python3-venv)
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*

if [ -s /run/amend-build/certificates.pem ]; then
    cp /run/amend-build/certificates.pem /usr/local/share/ca-certificates/of-this-site.crt
    update-ca-certificates >/dev/null 2>&1 # its warnings are about files of several certificates, which do work
fi

fetch() { # PACKAGE VERSION HASH: unpacked into /opt/PACKAGE
    local archive=/tmp/package.tgz
    curl -fsS --retry 3 -o "$archive" "$registry/$1/-/$1-$2.tgz"
    echo "$3  $archive" | sha512sum --check --quiet
    mkdir -p "/opt/$1"
    tar -xzf "$archive" -C "/opt/$1" --strip-components 1 --no-same-owner
    rm "$archive"
}

fetch "node-$platform" "$node_version" "$node_hash"
mkdir -p /usr/local/bin /usr/local/include /usr/local/lib/node_modules
mv "/opt/node-$platform/bin/node" /usr/local/bin/
mv "/opt/node-$platform/include/node" /usr/local/include/ # what native add-ons are built with
rm -r "/opt/node-$platform"

fetch npm "$npm_version" "$npm_hash"
mv /opt/npm /usr/local/lib/node_modules/npm
for program in npm npx; do
    chmod 755 "/usr/local/lib/node_modules/npm/bin/$program-cli.js"
    ln -sf "../lib/node_modules/npm/bin/$program-cli.js" "/usr/local/bin/$program"
done

python=$(command -v python3.12 || command -v python3)
"$python" -m venv /opt/uv
PIP_CERT=/etc/ssl/certs/ca-certificates.crt /opt/uv/bin/pip install --quiet --disable-pip-version-check --no-cache-dir "uv==$uv_version"
ln -sf /opt/uv/bin/uv /usr/local/bin/uv

id app >/dev/null 2>&1 || useradd --uid 1000 --home-dir /tmp --no-create-home --shell /bin/bash app
mkdir -p /app /env

# The build ends here where something that backends need does not run.
"$python" -c 'import ctypes, sqlite3, ssl, venv'
node --version
npm --version
uv --version
g++ --version | head -1
