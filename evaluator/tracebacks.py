"""Which of the tracebacks that a server printed belongs to which request: many are under way side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluator.code_places import LONGEST_LINE, RAISED

SEARCHED_CHARACTERS = 64 * 1024
_UVICORN = "Exception in ASGI application"  # the headline of its tracebacks

Span = tuple[int, int]  # first and last line


def own_stretch(log: str, request: str) -> str:
    """Of a moment's log with several tracebacks, the one of this request (`GET /tags?limit=2`).

    Flask and Django head a traceback with the path. Servers write the line of a request just before its traceback
    (uvicorn) or just after it (gunicorn). All of the log where neither tells.
    """
    lines = log.split("\n")
    tracebacks = _tracebacks(lines)
    if len(tracebacks) < 2:
        return log
    headed = _headed(lines, tracebacks, request)
    told = next((at for at, line in enumerate(lines) if f"{request} " in line), None)
    if told is not None:
        begin, end = _beside(told, headed or tracebacks, told_first=any(_UVICORN in line for line in lines))
    elif len(headed) == 1:
        begin, end = headed[0]
    else:
        return log
    return "\n".join(lines[begin : end + 1])


def kept_moment(log: str, request: str, most: int) -> str:
    """Of a moment's log `most` characters: those around the traceback of this request, else its beginning."""
    log = log[:SEARCHED_CHARACTERS]
    own = own_stretch(log, request)
    if len(log) <= most or own == log:
        return log[:most]
    begin = max(0, log.index(own) - max(0, most - len(own)) // 2)
    line = log.rfind("\n", 0, begin) + 1
    return log[line : line + most]


def _headed(lines: Sequence[str], tracebacks: Sequence[Span], request: str) -> list[Span]:
    """The tracebacks below a headline that names the path of the request; the line of a request before is none."""
    path = request.partition(" ")[2].partition("?")[0]
    names_it = re.compile(re.escape(path) + r"(?![\w/.%-])")
    heads = [(span, lines[span[0] - 1][:LONGEST_LINE]) for span in tracebacks if span[0]]
    return [span for span, head in heads if "HTTP/" not in head and names_it.search(head)]


def _beside(told: int, tracebacks: Sequence[Span], *, told_first: bool) -> Span:
    """The traceback next to the line that tells of the request."""
    before = [one for one in tracebacks if one[1] < told]
    after = [one for one in tracebacks if one[0] > told]
    beside = after[:1] if told_first else before[-1:]
    return (beside or after[:1] or before[-1:] or tracebacks)[0]


def _tracebacks(lines: Sequence[str]) -> list[Span]:
    """First and last line of each Python traceback; one that was the cause of the next is part of it."""
    found: list[Span] = []
    begin: int | None = None
    chained = False
    for at, line in enumerate(lines):
        if "Traceback (most recent call last)" in line:
            if chained and found:
                begin, _ = found.pop()
            else:
                begin = at
            chained = False
        elif begin is not None and RAISED.match(line[:LONGEST_LINE]):
            found.append((begin, at))
            begin = None
        elif "the above exception" in line.lower():
            chained = True
    return found
