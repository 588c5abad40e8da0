"""What a verifier is given: one backend, read once, and the way to report on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

from evaluator.tasks import Constraint
from evaluator.verdict import Certainty, Finding
from evaluator.verifiers.data_access import DataAccess
from evaluator.verifiers.layers import Layering
from evaluator.verifiers.program import Program


class Verifier(Protocol):
    """Decides one kind of constraint: yields a finding for every place where it is, or may be, broken."""

    def __call__(self, backend: BackendCode, constraint: Constraint, /) -> Iterator[Finding]: ...


class BackendCode:
    """The program, its data access and its layers; each is worked out when first asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.program = Program(files)
        self.data = DataAccess(self.program)

    @cached_property
    def layering(self) -> Layering:
        """The layer of every production file."""
        return Layering(
            self.program.sources,
            reads_data={access.path for access in self.data.accesses},
            opens_data={opening.path for opening in self.data.openings},
            imports={path: {edge.target for edge in self.program.edges_from(path)} for path in self.program.sources},
        )

    @property
    def wholly_read(self) -> bool:
        """Whether every production file could be read, so that what was not seen is certainly not there."""
        return not self.program.unread

    @property
    def certainty_of_absence(self) -> Certainty:
        """How sure a verifier can be that something is missing."""
        return "certain" if self.wholly_read else "uncertain"


def finding(
    constraint: Constraint,
    rule: str,
    path: str,
    line: int,
    message: str,
    certainty: Certainty = "certain",
    *,
    mend: str = "",
) -> Finding:
    """A finding of the verifier for this kind of constraint: `message` says what is wrong, `mend` what to do."""
    return Finding(constraint.kind, constraint.value, rule, path, line, message, certainty, mend)


def unread_findings(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """One uncertain finding per production file that could not be read; what is in it may break the constraint."""
    for unread in backend.program.unread:
        yield finding(
            constraint,
            "unread",
            unread.path,
            unread.line,
            f"“{unread.path}” {unread.why}. What it does is unknown to this verifier.",
            "uncertain",
            mend="Mend or split the file so that it can be read.",
        )
