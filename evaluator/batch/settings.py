"""What a verdict depends on beside the backend itself: where one of these differs, a kept verdict is not used again."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """How every backend of a batch is judged; see the arguments of `evaluate` and `merge_repeats`.

    `contract` names the pack to judge by, or is the path of its folder; None stands for the task's own.
    """

    sandbox: str | None = None
    as_of: str | None = None
    repeat: int = 1
    contract: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The settings with the evaluator that judges: another contract would have another denominator."""
        settings = asdict(self) | {"evaluator": evaluator_hash()}
        if self.contract is not None and Path(self.contract).is_absolute():  # a folder outside the evaluator
            settings["contract_content"] = _hash_of(Path(self.contract))
        return settings


@cache
def evaluator_hash() -> str:
    """A hash over the evaluator's own files, 16 hexadecimal digits."""
    return _hash_of(PACKAGE)


def _hash_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
