"""What a measurement was made on, and how busy that was."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def machine() -> str:
    """Processors, memory and versions, in a sentence."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (
        f"{len(os.sched_getaffinity(0))} processors ({_processor()}), {_memory_gigabytes():.0f} GB, {system}, "
        f"Python {platform.python_version()}"
    )


def load() -> str:
    """The load of the last minute: above the number of processors, times say more of the neighbours than of us."""
    return f"{os.getloadavg()[0]:.1f}"


def commit() -> str:
    """The commit that was measured."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
