"""What became of a session: derived from its final run, never stored."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.models import CheckRequest, RepairSession
from runs.models import Run, RunPurpose, RunState


@dataclass(frozen=True)
class Outcome:
    """`word` is open, judging, void, repaired or unrepaired. Censored: effort is a lower bound."""

    word: str
    censored: bool = False

    @property
    def sentence(self) -> str:
        """The words people read."""
        words = {"judging": "final run going on", "void": "not counted", "open": "still open"}
        return words.get(self.word, self.word)

    @property
    def look(self) -> str:
        """The name of its colour and shape (`{% outcome %}`)."""
        return {"repaired": "passed", "unrepaired": "failed", "void": "void"}.get(self.word, "not_reached")


def outcome_of(session: RepairSession) -> Outcome:
    """Repaired means sound: the final run passed every counted check and found every constraint holding."""
    if not session.closed:
        return Outcome("open")
    run = final_run(session)
    if run is None or run.state in {RunState.QUEUED, RunState.RUNNING}:
        return Outcome("judging")
    if run.state == RunState.VOID:
        return Outcome("void")
    return Outcome("repaired") if run.sound else Outcome("unrepaired", censored=True)


def final_run(session: RepairSession) -> Run | None:
    """The run that closing the session asked for."""
    request = (
        CheckRequest.objects.filter(session=session, run__purpose=RunPurpose.FINAL)
        .select_related("run__snapshot")
        .order_by("pk")
        .last()
    )
    return request.run if request else None
