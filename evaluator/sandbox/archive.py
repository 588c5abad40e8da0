"""A backend's files as a tar archive: what a sandbox unpacks into its own /app."""

from __future__ import annotations

import tarfile
import time
from collections.abc import Mapping

BLOCK = 512
LONGEST_PLAIN_NAME = 100
MODE, OWNER = b"%07o\0", b"0000000\0"


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """The files as the bytes of a tar file; scripts are executable, which a mapping cannot say."""
    now = int(time.time())
    parts = []
    for name, content in files.items():
        mode = 0o755 if content.startswith(b"#!") or name.endswith(".sh") else 0o644
        parts += [_header(name, len(content), mode, now), content, bytes(-len(content) % BLOCK)]
    return b"".join([*parts, bytes(2 * BLOCK)])


def _header(name: str, size: int, mode: int, modified: int) -> bytes:
    """One member's header; by hand where the name is short, for `tarfile` takes ten times as long."""
    encoded = name.encode()
    if len(encoded) > LONGEST_PLAIN_NAME:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, mode, modified
        return member.tobuf(tarfile.GNU_FORMAT)
    before = encoded.ljust(100, b"\0") + MODE % mode + OWNER + OWNER + b"%011o\0%011o\0" % (size, modified)
    after = b"0" + bytes(100) + b"ustar  \0"
    checksum = sum(before) + sum(after) + 8 * ord(" ")
    return (before + b"%06o\0 " % checksum + after).ljust(BLOCK, b"\0")
