"""What the classes of a program inherit from, through its own classes to those of packages. Facts; no rules."""

from __future__ import annotations

from evaluator.verifiers.expressions import Invoke
from evaluator.verifiers.program import Program
from evaluator.verifiers.source import ClassStatement

_MOST_GENERATIONS = 20
_MOST_ANCESTORS = 100


class Ancestors:
    """Worked out once for each class of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, path: str, statement: ClassStatement, generation: int = 0) -> tuple[str, ...]:
        """The origins of a class's bases and of theirs, the nearest first."""
        key = (path, statement.name)
        if key in self._known or generation > _MOST_GENERATIONS:
            return self._known.get(key, ())
        self._known[key] = ()
        found: dict[str, None] = {}
        pending = list(statement.bases)
        while pending and len(found) < _MOST_ANCESTORS:
            base = pending.pop(0)
            origin = self._program.origin(path, base)
            if not origin or origin in found:
                continue
            found[origin] = None
            target, _, name = origin.partition("#")
            further = self._program.sources[target].classes.get(name) if target in self._program.sources else None
            if further is not None:
                found |= dict.fromkeys(self.of(target, further, generation + 1))
            elif isinstance(base, Invoke):
                pending.extend(base.arguments)
        self._known[key] = tuple(found)[:_MOST_ANCESTORS]
        return self._known[key]
