"""What the edits of each changed place of a file bought: the checks that turned in the run after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import quote

from django.urls import reverse

from annotations.blame import last_changes
from annotations.diff_rows import Hunk
from annotations.diff_table import Bought
from annotations.documents import open_document
from annotations.history import History, ShownRow
from annotations.models import RepairSession
from annotations.timeline import clock_text
from annotations.versions import Version

MOST_ENTRIES = 30_000  # of a log, up to which a comparison reads it through


def bought_by(
    session: RepairSession, versions: list[Version], before: Version, after: Version, path: str
) -> Callable[[Hunk], Bought | None] | None:
    """A function from a changed place to what it bought; None where that cannot be told.

    `versions` are all states of the session, oldest first. It can be told for a file that kept its name, forwards in
    time, where a run lies between.
    """
    first, last = versions.index(before), versions.index(after)
    steps = versions[first : last + 1]
    if last - first < 1 or session.accepted > MOST_ENTRIES or not any(version.request for version in steps[1:]):
        return None
    texts = [_text(version.files(), path) for version in steps]
    came, gone = last_changes(texts)
    rows = {shown.row.run.run_id: shown for shown in History(session).ledger if shown.row.run}

    def bought(hunk: Hunk) -> Bought | None:
        changed = [row for row in hunk.rows if row.changed]
        at = {came[row.after] for row in changed if row.after is not None and row.after < len(came)}
        at |= {gone[row.before] for row in changed if row.before is not None and row.before < len(gone)}
        at.discard(0)
        judged = [
            rows[version.request.run_id]
            for step in sorted(at)
            if (version := steps[step]).request and version.request.run_id in rows
        ]
        return _told(session, judged) if judged else Bought("same", "Not judged by a run yet", "") if at else None

    return bought


def _told(session: RepairSession, judged: list[ShownRow]) -> Bought:
    names = " and ".join(dict.fromkeys(shown.row.run.name for shown in judged if shown.row.run))
    fixed = sum(len(shown.row.fixed) for shown in judged)
    broken = sum(len(shown.row.broken) for shown in judged)
    active = clock_text(sum(shown.row.active_seconds for shown in judged))
    look: Literal["fixed", "broken", "same"] = "fixed" if fixed else "broken" if broken else "same"
    verdicts = [shown for shown in judged if shown.row.judged]
    if not verdicts:
        said = "no verdict"
    else:
        turned = [f"{fixed} {'check' if fixed == 1 else 'checks'} fixed"] if fixed else []
        turned += [f"{broken} broken"] if broken else []
        said = ", ".join(turned) or "no check turned"
    address = f"{reverse('annotations:history', args=[session.pk])}#e{quote(str(judged[0].row.first))}"
    return Bought(look, f"Until {names}: {said} · {active} active", address)


def _text(files: Mapping[str, bytes], path: str) -> str:
    document = open_document(files.get(path, b""))
    return document.text if document else ""
