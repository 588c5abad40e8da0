"""What people said and sent in sessions, as tables of the data set: root causes, disputed checks, requests.

Every row that was ever written is there, in order; `stands` says which ones still hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.db.models import QuerySet

from analysis.columns import Column
from analysis.records import SessionRecord
from annotations.judgements import decision_of
from annotations.models import CauseLabel, Dispute
from reports.long_tables import Cells
from runs.models import HeldExchange

Said = TypeVar("Said", CauseLabel, Dispute)

_SAID = (
    Column("session_id", "integer", "", "The session, as in the table of sessions.", "repair session"),
    Column("author", "text", "", "Pseudonym of the person who said it.", "study design"),
    Column("own", "boolean", "", "The author is the session's annotator, not a researcher.", "study design"),
    Column("said_at", "time", "UTC", "When it was said.", "judgement"),
    Column("run_id", "integer", "", "The run that was looked at; not every one is in the table of runs.", "runs"),
)
_STANDS = Column("stands", "boolean", "", "The author has neither changed nor withdrawn it since.", "judgement")

LABEL_COLUMNS: tuple[Column, ...] = (
    Column("label_id", "integer", "", "Number of the label, rising with time.", "judgement"),
    *_SAID,
    Column("cause", "text", "", "The group of failures: its line of code, else its title.", "verdict"),
    Column("title", "text", "", "The group in words.", "verdict"),
    Column("checks", "text", "", "Ids of its failed checks, a space between.", "verdict"),
    Column("category", "text", "", "Coarse category of the benchmark; empty: the label was taken back.", "judgement"),
    Column("subcategory", "text", "", "Kind of logic error; empty where none was said.", "judgement"),
    Column("detail", "text", "", "In the author's own words.", "judgement"),
    _STANDS,
)
DISPUTE_COLUMNS: tuple[Column, ...] = (
    Column("dispute_id", "integer", "", "Number of the dispute, rising with time.", "judgement"),
    *_SAID,
    Column("check_id", "text", "", "The check that is said to be wrong.", "contract"),
    Column("reason", "text", "", "Why, in the author's own words.", "judgement"),
    Column("withdrawn", "boolean", "", "This row takes an earlier dispute back.", "judgement"),
    _STANDS,
    Column("ruling", "text", "", "upheld: the check is wrong; rejected: it stands; empty: undecided.", "judgement"),
    Column("ruling_note", "text", "", "The researcher's words.", "judgement"),
    Column("ruled_at", "time", "UTC", "When the ruling was made.", "judgement", True),
)


REQUEST_COLUMNS: tuple[Column, ...] = (
    Column("exchange_id", "integer", "", "Number of the request, as in the event request.sent.", "record"),
    Column("session_id", "integer", "", "The session, as in the table of sessions.", "repair session"),
    Column("through", "integer", "", "Last entry of the log in force when the backend was started.", "event log"),
    Column("sent_at", "time", "UTC", "When it was sent.", "record"),
    Column("method", "text", "", "Its method.", "record"),
    Column("path", "text", "", "Its path with query.", "record"),
    Column("request_body", "text", "", "Its body.", "record"),
    Column("received_status", "integer", "", "Status of the answer; empty: none came.", "record", True),
    Column("received_body", "text", "", "Body of the answer, cut at 64 kB.", "record"),
    Column("seconds", "number", "seconds", "From sending to the last byte.", "record", True),
    Column("error", "text", "", "Why no answer came.", "record"),
)


def request_rows(records: Sequence[SessionRecord]) -> Iterator[Cells]:
    """One row per request that somebody composed in these sessions, in the order of REQUEST_COLUMNS."""
    sent = HeldExchange.objects.filter(held__of_session__session__in=[record.session_id for record in records])
    place = ("pk", "held__of_session__session", "held__of_session__through", "sent_at", "method", "path")
    answer = ("request_body", "received_status", "received_body", "seconds", "error")
    yield from sent.order_by("pk").values_list(*place, *answer).iterator()


def label_rows(records: Sequence[SessionRecord]) -> Iterator[Cells]:
    """One row per label of these sessions, in the order of LABEL_COLUMNS."""
    said = _of(CauseLabel.objects.all(), records)
    last = {(label.session_id, label.author_id, label.cause): label.pk for label in said}
    for label in said:
        key = (label.session_id, label.author_id, label.cause)
        place = (label.cause, label.title, " ".join(label.checks), label.category, label.subcategory, label.detail)
        yield label.pk, *_who_and_when(label), *place, last[key] == label.pk and bool(label.category)


def dispute_rows(records: Sequence[SessionRecord]) -> Iterator[Cells]:
    """One row per dispute of these sessions, in the order of DISPUTE_COLUMNS."""
    said = _of(Dispute.objects.prefetch_related("decisions"), records)
    last = {(dispute.session_id, dispute.author_id, dispute.check_id): dispute.pk for dispute in said}
    for dispute in said:
        key = (dispute.session_id, dispute.author_id, dispute.check_id)
        decision = decision_of(dispute)
        ruled = (decision.ruling, decision.note, decision.said_at) if decision else ("", "", None)
        stands = last[key] == dispute.pk and not dispute.withdrawn
        yield (
            dispute.pk,
            *_who_and_when(dispute),
            *(dispute.check_id, dispute.reason, dispute.withdrawn, stands),
            *ruled,
        )


def _of(rows: QuerySet[Said], records: Iterable[SessionRecord]) -> list[Said]:
    sessions = [record.session_id for record in records]
    return list(rows.filter(session__in=sessions).select_related("author", "session__assignment").order_by("pk"))


def _who_and_when(said: CauseLabel | Dispute) -> Cells:
    own = said.session.assignment.annotator_id == said.author_id
    return said.session_id, said.author.pseudonym, own, said.said_at, said.run_id
