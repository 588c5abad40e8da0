#!/bin/bash
# Builds the image of the container sandbox: mount points and the machine's own links into /usr, nothing else.
# Needs no registry: `bash evaluator/sandbox/image.sh`
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{usr,etc/ssl/certs,etc/alternatives,proc,dev,sys,run/amend,run/sockets,run/postgres,run/proxy,tmp,app,env}
for name in bin sbin lib lib32 lib64; do
    if [ -L "/$name" ]; then
        ln -s "$(readlink "/$name")" "$root/$name"
    fi
done
touch "$root/etc/ld.so.cache"
printf 'root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:1000:1000:app:/tmp:/bin/bash\n' >"$root/etc/passwd"
printf 'root:x:0:\napp:x:1000:\n' >"$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
tar -C "$root" -c . | docker import - amend-base
