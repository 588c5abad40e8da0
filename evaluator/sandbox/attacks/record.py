"""What the last check of a sandbox found on this machine: kept in the cache, so that an open one is refused."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from evaluator.cache import cache_root
from evaluator.sandbox.attacks.attack import Result
from evaluator.sandbox.base import Sandbox
from evaluator.sandbox.limits import limits_in_force

KEPT_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Record:
    """The outcome of one check: `holes` are the attacks that got through. A `whole` check outweighs a quick one."""

    sandbox: str
    whole: bool
    checked_at: float
    holes: tuple[str, ...] = ()


def recorded_name(sandbox: Sandbox) -> str:
    """What its records are kept under: another image is another sandbox."""
    return f"{sandbox.name}-{sandbox.image.id.removeprefix('sha256:')[:12]}" if sandbox.image else sandbox.name


def known_or_checked_now(sandbox: Sandbox) -> Record:
    """The record of this sandbox, machine, boot and version; made now by the quick attacks where there is none."""
    known = read_record(recorded_name(sandbox))
    return known if known is not None else check_quickly(sandbox)


def check_quickly(sandbox: Sandbox) -> Record:
    """Let the quick attacks loose; recorded unless one of them could not be tried, which proves nothing."""
    from evaluator.sandbox.attacks import ALL_ATTACKS
    from evaluator.sandbox.attacks.arena import Arena
    from evaluator.sandbox.attacks.check import check

    with Arena(sandbox) as arena:
        results = check(arena, [attack for attack in ALL_ATTACKS if attack.quick])
    return record(recorded_name(sandbox), results, whole=False)


def record(sandbox: str, results: Sequence[Result], *, whole: bool) -> Record:
    """Keep what a check found, and give it; a hole that a whole check found is closed by another whole one only."""
    holes = tuple(result.attack for result in results if result.outcome == "not stopped")
    made = Record(sandbox, whole, time.time(), holes)
    known = read_record(sandbox)
    outweighed = known is not None and known.whole and not whole and not holes
    certain = bool(holes) or all(result.outcome == "stopped" for result in results)
    if certain and not outweighed:
        path = _path_of(sandbox)
        path.parent.mkdir(parents=True, exist_ok=True)
        writing = path.with_name(f".{path.name}.{os.getpid()}")
        writing.write_text(json.dumps(asdict(made)))
        writing.replace(path)
        _forget_old(path.parent)
    return made


def read_record(sandbox: str) -> Record | None:
    """What is known of this sandbox here and now; None where it was not checked since."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        document = json.loads(_path_of(sandbox).read_text())
        return Record(**(document | {"holes": tuple(document["holes"])}))
    return None


def _path_of(sandbox: str) -> Path:
    """A name that changes with the machine, its boot and kernel, our user, our sources and what bounds a sandbox."""
    texts = [_text("/etc/machine-id"), _text("/proc/sys/kernel/random/boot_id"), platform.release(), str(os.geteuid())]
    parts = [sandbox, limits_in_force(sandbox.partition("-")[0]), *texts, _sources()]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return cache_root() / "sandbox-checks" / f"{sandbox}-{key}.json"


def _sources() -> str:
    """A hash over everything of which our sandboxes are made."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*")):
        if path.suffix in (".py", ".sh"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _text(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text()
    return ""


def _forget_old(folder: Path) -> None:
    for path in folder.iterdir():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
