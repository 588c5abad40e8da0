"""The backends that are measured: the corpus beside the repository where there is one, else those of the demo."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from evaluator.batch import Backend, find_backends

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
DEMO = ROOT / "platform" / "studies" / "demo" / "backends"
# They end at their start by a mistake of their own, which takes no measurable time.
NEVER_START = frozenset(
    {
        "node-express-openapi-clean_architecture-postgres-sequelize",
        "uv-django-openapi-clean_architecture",
    }
)


@cache
def working_backends() -> tuple[Backend, ...]:
    """Every backend that starts, in order of the names."""
    backends, _ = find_backends(CORPUS if CORPUS.is_dir() else DEMO)
    return tuple(backend for backend in backends if backend.name not in NEVER_START)


def source() -> str:
    """Which backends these are, for the head of a table."""
    where = "corpus" if CORPUS.is_dir() else "demo"
    return f"the {len(working_backends())} working backends of the {where}"
