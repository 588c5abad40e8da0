"""What a page shows of a partial run: the checks that were chosen, and how those fared that they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluator.tasks import task_by_id
from runs.models import Run
from runs.panels import Check, explained


@dataclass(frozen=True)
class PartialPanel:
    """A partial run. `chosen` are the checks asked for, `needed` those judged on the way; both empty if void."""

    run: Run
    chosen: Sequence[Check]
    needed: Sequence[Check]

    @property
    def green(self) -> int:
        return sum(check.result.outcome == "passed" for check in self.chosen)

    @property
    def needed_red(self) -> Sequence[Check]:
        """Of those needed, what did not pass: it is why a chosen one could not be reached."""
        return [check for check in self.needed if check.result.outcome in {"failed", "unstable"}]


def build_partial(run: Run) -> PartialPanel:
    """The panel of a partial run; a change is told against the verdict it was asked for after."""
    before = dict(run.after.results.values_list("check_id", "outcome")) if run.after else {}
    paths, port = run.snapshot.manifest.keys(), task_by_id(run.task_id).runtime.port
    checks = [explained(result, before, paths, port) for result in run.results.all()]
    return PartialPanel(
        run=run,
        chosen=[check for check in checks if check.result.check_id in run.only],
        needed=[check for check in checks if check.result.check_id not in run.only],
    )
