"""What failures have in common: the line of the backend's code that its log names, one same refusal, one operation.

A cause is a reading of the evidence and decides nothing. Failures are put together where (first that holds)

1. the log of their moment names the same line of the backend's own code,
2. three or more operations expected and received the same, apart from names and numbers,
3. they are about the same operation.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from evaluator.code_places import Place, deepest_place, exception_named, log_lines
from evaluator.tracebacks import own_stretch
from evaluator.verdict import COUNTED_BASES, Cause, CheckResult, Exchange

KEPT_LOG_CHARACTERS = 8192  # as much as an exchange keeps: the frames that tell come late in a long traceback
MOST_LOG_LINES = 60
SHOWN_CHARACTERS = 160
SEVERAL_OPERATIONS = 3
REFUSED = 400
SERVER_ERROR = 500
# What differs between two answers that mean the same: quoted texts, slugs and names with a number, numbers.
_PARTICULAR = re.compile(r"\"[^\"]*\"|'[^']*'|\b[\w-]*\d[\w-]*\b")


def causes_of(
    checks: Sequence[CheckResult], paths: Collection[str], *, start_error: str = "", log: str = ""
) -> tuple[Cause, ...]:
    """The causes of the counted failures, those first that cost the most checks.

    `paths` are the names of the backend's files, to which its log is mapped; `start_error` and `log` say why it did
    not start, which is one cause for all.
    """
    counted = [check for check in checks if check.basis in COUNTED_BASES]
    failed = [check for check in counted if check.outcome == "failed"]
    blocked = Counter(check.blocked_by for check in counted if check.outcome == "not_reached" and check.blocked_by)
    if start_error:
        return (_of_no_start(failed, blocked.total(), start_error, log, paths),)
    places = {check.id: _place_of(check, paths) for check in failed}
    groups = _grouped(failed, places)
    causes = [_cause(group, places[group[0].id], blocked) for group in groups]
    return tuple(sorted(causes, key=lambda cause: -(len(cause.checks) + cause.not_reached)))


def _of_no_start(
    failed: Sequence[CheckResult], blocked: int, start_error: str, log: str, paths: Collection[str]
) -> Cause:
    place = deepest_place(log_lines(log, paths)) or Place("", 0)
    raised = exception_named(log)
    title = f"It does not start: {raised}" if raised else f"It does not start: {start_error}"
    checks = tuple(check.id for check in failed)
    return Cause(title[:SHOWN_CHARACTERS], checks, blocked, place.path, place.line, log[-KEPT_LOG_CHARACTERS:])


def _place_of(check: CheckResult, paths: Collection[str]) -> Place | None:
    """The line of code behind this failure: only a server error is explained by what was printed beside it."""
    exchange = check.exchange
    if exchange is None or not exchange.log:
        return None
    if exchange.received_status is not None and exchange.received_status < SERVER_ERROR:
        return None
    return deepest_place(log_lines(_own_log(exchange), paths, most=MOST_LOG_LINES))


def _own_log(exchange: Exchange) -> str:
    return own_stretch(exchange.log, f"{exchange.method} {exchange.path}")


def _grouped(failed: Sequence[CheckResult], places: dict[str, Place | None]) -> list[list[CheckResult]]:
    operations_of: dict[str, set[str]] = defaultdict(set)
    for check in failed:
        operations_of[_difference(check)].add(check.operation)
    groups: dict[str, list[CheckResult]] = defaultdict(list)
    for check in failed:
        difference = _difference(check)
        if place := places[check.id]:
            key = f"line {place}"
        elif len(operations_of[difference]) >= SEVERAL_OPERATIONS:
            key = f"difference {difference}"
        else:
            key = f"operation {check.operation}"
        groups[key].append(check)
    return list(groups.values())


def _difference(check: CheckResult) -> str:
    return _PARTICULAR.sub("…", f"{check.expected} → {_status(check) or check.received}")


def _cause(group: Sequence[CheckResult], place: Place | None, blocked: Counter[str]) -> Cause:
    first, *others = sorted(group, key=lambda check: -blocked[check.id])
    log = _own_log(first.exchange) if first.exchange is not None else ""
    where = place or Place("", 0)
    return Cause(
        title=_title(first, others, log if place else "")[:SHOWN_CHARACTERS],
        checks=tuple(check.id for check in (first, *others)),
        not_reached=sum(blocked[check.id] for check in group),
        path=where.path,
        line=where.line,
        log=log[:KEPT_LOG_CHARACTERS],
    )


def _title(first: CheckResult, others: Sequence[CheckResult], log: str) -> str:
    operations = {check.operation for check in (first, *others)}
    where = first.operation if len(operations) == 1 else f"{len(operations)} operations"
    raised = exception_named(log)
    if raised:
        return f"{where}: {raised}"
    if not others and first.exchange is not None and (first.exchange.received_status or 0) < SERVER_ERROR:
        return first.title
    if {_difference(check) for check in others} <= {_difference(first)} or len(operations) > 1:
        return f"{where}: expected {first.expected}, received {_received(first)}"
    statuses = {_status(check) for check in (first, *others)}
    return f"{where} answers {statuses.pop()}" if len(statuses) == 1 and "" not in statuses else where


def _received(check: CheckResult) -> str:
    """What a developer must see of an answer: the status of a refusal, the content of a success."""
    status = _answered(check)
    return check.received if status is None or status < REFUSED else str(status)


def _status(check: CheckResult) -> str:
    """The status as text; empty where nothing answered."""
    status = _answered(check)
    return "" if status is None else str(status)


def _answered(check: CheckResult) -> int | None:
    return check.exchange.received_status if check.exchange is not None else None
