#!/bin/bash
# Builds the base image where no registry is reachable: debootstrap makes the Debian that the Dockerfile starts from.
#
#     evaluator/sandbox/image/without_registry.sh NAME:TAG
#
# Needs root, debootstrap and a Debian mirror (MIRROR, SUITE), and what install.sh fetches: NPM_REGISTRY, PIP_INDEX_URL.
# CERTIFICATES is a file of authorities that the image shall trust. Debian 12 brings Python 3.11 instead of 3.12.
set -euo pipefail

image=${1:?"the name of the image, such as amend-backends:1"}
suite=${SUITE:-bookworm}
mirror=${MIRROR:-http://deb.debian.org/debian}
base=amend-debian:$suite
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! docker image inspect "$base" >/dev/null 2>&1; then
    debootstrap --variant=minbase "$suite" "$work/debian" "$mirror" >"$work/debootstrap.log" ||
        { tail -n 20 "$work/debootstrap.log" >&2 && exit 1; }
    # As in Debian's own images: a layer that is half written is thrown away, so that nothing need wait for the disk.
    echo force-unsafe-io >"$work/debian/etc/dpkg/dpkg.cfg.d/unsafe-io"
    rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/*
    tar -C "$work/debian" --numeric-owner -c . | docker import - "$base" >/dev/null
fi

mkdir "$work/context"
cp "$here/Dockerfile" "$here/install.sh" "$work/context/"
[ -z "${CERTIFICATES:-}" ] || cp "$CERTIFICATES" "$work/context/certificates.pem"
# Without Docker's bridge network too: the build uses the machine's.
docker build --network host --tag "$image" --build-arg BASE="$base" \
    --build-arg NPM_REGISTRY="${NPM_REGISTRY:-https://registry.npmjs.org}" \
    --build-arg PIP_INDEX_URL="${PIP_INDEX_URL:-https://pypi.org/simple}" "$work/context"
