"""Where the evaluator keeps what it may throw away: environments, tools, the PostgreSQL of the backends.

Everything in the cache directory is derived; deleting it costs time only. When we run as root, what lies here must be
reachable by unprivileged users, because neither a backend nor PostgreSQL ever runs as root.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_root() -> Path:
    """The cache directory: `AMEND_CACHE`, else /var/cache/amend for root, else `amend` in the user's own."""
    configured = os.environ.get("AMEND_CACHE")
    if configured:
        root = Path(configured).expanduser().absolute()
    elif os.geteuid() == 0:
        root = Path("/var/cache/amend")
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "amend"
    root.mkdir(parents=True, exist_ok=True)
    return root


def is_reachable(path: Path) -> bool:
    """Whether the user that backends run as can read `path` (and run it, where it is a program).

    As root that user is an unprivileged stranger, so the permission bits for others decide, on every folder of the way.
    """
    if os.geteuid() != 0:
        return os.access(path, os.R_OK)
    real = path.resolve()
    if not real.exists():
        return False
    if not all(parent.stat().st_mode & stat.S_IXOTH for parent in real.parents):
        return False
    mode = real.stat().st_mode
    wanted = stat.S_IROTH | stat.S_IXOTH if mode & stat.S_IXUSR else stat.S_IROTH
    return mode & wanted == wanted


def reachable_file(path: Path) -> Path:
    """`path` itself where backends' users can reach it, else a copy in the cache, named by its content."""
    if is_reachable(path):
        return path
    content = path.read_bytes()
    copy = cache_root() / "tools" / hashlib.sha256(content).hexdigest()[:16] / path.name
    if not copy.exists():
        with atomic_folder(copy.parent) as building:
            (building / path.name).write_bytes(content)
            (building / path.name).chmod(0o755)
    return copy


def reachable_tree(path: Path, ignore: tuple[str, ...] = ()) -> Path:
    """`path` itself where backends' users can reach it, else a copy in the cache."""
    return path if is_reachable(path) else cached_tree(path, ignore)


def cached_tree(path: Path, ignore: tuple[str, ...] = ()) -> Path:
    """A copy of a folder in the cache, named by the folder's path and age; whoever runs a backend can read it."""
    key = hashlib.sha256(f"{path} {path.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = cache_root() / "tools" / key / path.name
    if not copy.exists():
        with atomic_folder(copy.parent) as building:
            shutil.copytree(path, building / path.name, symlinks=True, ignore=shutil.ignore_patterns(*ignore))
            for folder, _, names in os.walk(building):
                os.chmod(folder, 0o755)
                for name in names:
                    file = Path(folder, name)
                    if not file.is_symlink():
                        file.chmod(file.stat().st_mode | 0o444 | (0o111 if file.stat().st_mode & 0o100 else 0))
    return copy


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A new folder beside `path` that takes its place when the block ends well; the first of two writers wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield building
        building.chmod(0o755)
        try:
            building.rename(path)
        except OSError:
            if not path.is_dir():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` against every other process of this machine; it ends with the process at the latest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def held_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock file `path` where nobody does; whether it is held now. Its folder must exist."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def remove_tree(path: Path) -> None:
    """Remove a folder that a program we do not trust has filled: closed folders, and trees deeper than a path may be.

    `shutil.rmtree` gives up at the first and ends in a RecursionError at the second. Links are never followed.
    """
    if path.is_symlink():
        return
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        if path.exists():
            subprocess.run([*command, "--", str(path)], stderr=subprocess.DEVNULL, check=False)
