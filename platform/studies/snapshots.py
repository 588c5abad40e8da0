"""Storing files by content: the same bytes are kept once, the same files are one snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db import transaction

from studies.models import Content, Snapshot


@transaction.atomic
def store_snapshot(files: Mapping[str, bytes]) -> Snapshot:
    """The snapshot of these files, made if there was none. `files` maps relative paths to bytes."""
    manifest = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}
    contents = {manifest[path]: data for path, data in files.items()}
    Content.objects.bulk_create(
        [Content(sha256=sha256, data=data) for sha256, data in contents.items()], ignore_conflicts=True
    )
    lines = "".join(f"{path}\0{sha256}\n" for path, sha256 in manifest.items())
    digest = hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()
    snapshot, _ = Snapshot.objects.get_or_create(digest=digest, defaults={"manifest": manifest})
    return snapshot
