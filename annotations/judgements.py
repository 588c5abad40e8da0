"""What people say of a session: the root cause of a group of failures, and that a check is wrong.

Every verb adds a row. What stands is the last row of the same author about the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accounts.models import Person
from annotations import taxonomy
from annotations.models import CauseLabel, Dispute, DisputeDecision, RepairSession, Ruling
from annotations.sessions import Refused
from runs.models import Run
from runs.panels import Cause, causes_of_run
from runs.texts import storable_text

MOST_DETAIL = 2_000  # characters


def label_cause(
    *,
    session: RepairSession,
    run: Run,
    cause: str,
    author: Person,
    category: str,
    subcategory: str = "",
    detail: str = "",
) -> CauseLabel:
    """Say what the root cause of a group of failures of this run is; without a category, take the label back.

    `cause` is the key of the group (`Cause.key`). Raises Refused where the run has no such group, or the taxonomy no
    such place.
    """
    group = next((one for one in causes_of_run(run) if one.key == cause), None)
    if group is None:
        raise Refused("This run has no such group of failures.")
    if category and (why := taxonomy.refuses(category, subcategory)):
        raise Refused(why)
    return CauseLabel.objects.create(
        session=session,
        run=run,
        author=author,
        cause=cause[:500],
        title=group.title,
        checks=[check.result.check_id for check in group.checks],
        category=category,
        subcategory=subcategory if category else "",
        detail=_text(detail) if category else "",
    )


def dispute_check(
    *, session: RepairSession, run: Run, check_id: str, author: Person, reason: str, withdrawn: bool = False
) -> Dispute:
    """Say that a check of this run is wrong, and why; or take it back.

    Raises Refused without a reason, and where the run has no such check.
    """
    if not run.results.filter(check_id=check_id).exists():
        raise Refused("This run has no such check.")
    if not withdrawn and not _text(reason):
        raise Refused("Say why the check is wrong.")
    return Dispute.objects.create(
        session=session, run=run, check_id=check_id, author=author, reason=_text(reason), withdrawn=withdrawn
    )


def decide_dispute(*, dispute: Dispute, author: Person, ruling: Ruling, note: str = "") -> DisputeDecision:
    """A researcher's answer to a dispute; who may give it is decided by `get_dispute_to_decide`."""
    return DisputeDecision.objects.create(dispute=dispute, author=author, ruling=ruling, note=_text(note))


def standing_labels(session: RepairSession) -> list[CauseLabel]:
    """The labels that stand, oldest first: of each author and group the last one, where it was not taken back."""
    said = session.labels.select_related("author", "run")
    last = {(label.author_id, label.cause): label for label in said}
    return [label for label in last.values() if label.category]


def standing_disputes(session: RepairSession) -> list[Dispute]:
    """The disputes that stand, oldest first: of each author and check the last one, where it was not withdrawn."""
    said = session.disputes.select_related("author", "run").prefetch_related("decisions__author")
    last = {(dispute.author_id, dispute.check_id): dispute for dispute in said}
    return [dispute for dispute in last.values() if not dispute.withdrawn]


def decision_of(dispute: Dispute) -> DisputeDecision | None:
    """The decision that stands: the last one."""
    return next(reversed(dispute.decisions.all()), None)


def labels_by_cause(labels: Sequence[CauseLabel], causes: Iterable[Cause]) -> dict[str, CauseLabel]:
    """For each group of a run the label that fits it, by the group's key.

    Lines move while somebody repairs, so a group without a label of its own key takes the last label that is about
    most of its failed checks.
    """
    own = {label.cause: label for label in labels}
    found = {}
    for cause in causes:
        checks = {check.result.check_id for check in cause.checks}
        shared = [label for label in labels if checks and 2 * len(checks.intersection(label.checks)) > len(checks)]
        if label := own.get(cause.key) or (shared[-1] if shared else None):
            found[cause.key] = label
    return found


def _text(text: str) -> str:
    return storable_text(text.strip(), longest=MOST_DETAIL)
