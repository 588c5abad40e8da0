"""A backend's files as a tar archive: what a sandbox unpacks into its own /app."""

from __future__ import annotations

import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import IO


@contextmanager
def archive_of(files: Mapping[str, bytes]) -> Iterator[IO[bytes]]:
    """The files in an unnamed tar file, rewound; scripts are executable, which a mapping cannot say."""
    with tempfile.TemporaryFile() as archive:
        with tarfile.open(fileobj=archive, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                member.mode = 0o755 if content.startswith(b"#!") or name.endswith(".sh") else 0o644
                member.mtime = int(time.time())
                tar.addfile(member, BytesIO(content))
        archive.seek(0)
        yield archive
