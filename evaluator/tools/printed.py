"""Reading what a tool printed: text of a program led by untrusted code, so nothing of its shape is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from evaluator.tools.base import Printed, Unreadable
from evaluator.verdict import Severity, ToolFinding

LONGEST_MESSAGE = 400
LONGEST_RULE = 80


def json_of(printed: Printed, *, accept: tuple[int, ...] = (0, 1)) -> Any:
    """The JSON document on standard output. Raises Unreadable, with what the tool complained of."""
    if printed.status not in accept:
        raise Unreadable(complaint(printed))
    try:
        return json.loads(printed.output)
    except (ValueError, RecursionError):
        raise Unreadable(complaint(printed)) from None


def json_lines_of(printed: Printed) -> Iterator[Mapping[str, Any]]:
    """The JSON objects on standard output, one per line; other lines are passed over."""
    for line in printed.output.splitlines():
        if line.startswith("{"):
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(document, dict):
                yield document


def entries(document: Any, *way: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a list that lies in a document behind these keys. Raises Unreadable where there is none."""
    for key in way:
        document = document.get(key) if isinstance(document, dict) else None
    if not isinstance(document, list):
        raise Unreadable("it printed another document than it should")
    yield from (entry for entry in document if isinstance(entry, dict))


def tool_finding(
    path: str, line: object, column: int, rule: object, severity: Severity, message: object
) -> ToolFinding:
    """A finding with texts cut to their bounds and numbers that are numbers."""
    words = " ".join(str(message).split())
    return ToolFinding(
        path=path,
        line=number(line),
        column=column,
        rule=str(rule or "")[:LONGEST_RULE],
        severity=severity,
        message=words if len(words) <= LONGEST_MESSAGE else f"{words[: LONGEST_MESSAGE - 1]}…",
    )


def number(value: object) -> int:
    """A whole number from 0 up; 0 for whatever is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    return 0


def relative(path: object) -> str:
    """A path below /app as the backend's files are named; empty for any other."""
    text = str(path or "")
    text = text.removeprefix("/app/").removeprefix("./")
    return "" if text.startswith(("/", "../", ".amend/")) or "\0" in text else text


def complaint(printed: Printed) -> str:
    """The last line of what a tool complained of, in a sentence of ours."""
    lines = [line.strip() for line in (printed.errors or printed.output).splitlines() if line.strip()]
    ended = f"signal {-printed.status}" if printed.status < 0 else f"status {printed.status}"
    return f"it ended with {ended}: {lines[-1][:200]}" if lines else f"it ended with {ended}"
