"""Which failures an ordinary tool announced before the backend was started: pure functions over reports and causes.

docs/measures.md states the definition and its limits. Wilson's interval: E. B. Wilson, JASA 22 (1927) 209–212.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from evaluator.code_places import exception_named
from evaluator.verdict import Cause, ToolFinding, ToolReport

FEWEST = 5
NEAR_LINES = 3
Z_95 = 1.959964
COUNTED = frozenset({"error", "warning"})
# What an exception says is missing or wrong, by name. Keys of dictionaries and values are data and no names.
_NAMED = (
    re.compile(r"(?:name|attribute|import name|variable|keyword argument|positional argument:?) '([\w.]+)'"),
    re.compile(r"No module named '([\w.]+)'"),
    re.compile(r"Cannot find (?:module|package) '([^']+)'"),
    re.compile(r"does not provide an export named '(\w+)'"),
    re.compile(r"(?:ReferenceError|TypeError): (?:[\w$]+\.)*([\w$]+) is not (?:defined|a function|a constructor)"),
    re.compile(r"TypeError: (?:[\w.]+\.)?(\w+)\(\) (?:got|missing|takes)"),
)


@dataclass(frozen=True)
class Share:
    """So many of so many failures were announced. `low` and `high` bound the 95 % interval of the share, 0 to 1."""

    announced: int
    failures: int

    @property
    def low(self) -> float:
        return wilson(self.announced, self.failures)[0]

    @property
    def high(self) -> float:
        return wilson(self.announced, self.failures)[1]

    def __str__(self) -> str:
        if self.failures < FEWEST:
            return f"{self.announced} of {self.failures} (too few)"
        share = self.announced / self.failures
        return f"{self.announced} of {self.failures} ({share:.0%}, 95 % interval {self.low:.0%} to {self.high:.0%})"


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, without continuity correction; 0 to 1 where nothing was tried."""
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, Z_95**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = Z_95 / (1 + square / trials) * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return round(max(0.0, middle - half), 9), round(min(1.0, middle + half), 9)


def announcements(
    cause: Cause, reports: Sequence[ToolReport], files: Mapping[str, bytes]
) -> tuple[tuple[str, ToolFinding], ...]:
    """Tools and their findings that announced a failure whose cause has a place; none where it has no place.

    A finding counts (errors and warnings; notes never) where it lies in the same file, in the innermost function that
    holds the place, or within three lines of it where no function is known; or, for an error, where it names what the
    exception in the log names.
    """
    if not cause.path:
        return ()
    first, last = _neighbourhood(files.get(cause.path, b""), cause.path, cause.line)
    names = names_in(exception_named(cause.log) or cause.title)
    return tuple(
        (report.tool, found)
        for report, found in _counted(reports)
        if (found.path == cause.path and first <= found.line <= last)
        or (found.severity == "error" and names & set(re.findall(r"[\w$]+", found.message)))
    )


def names_in(exception: str) -> frozenset[str]:
    """The identifiers that an exception says are missing or do not fit: last part of a dotted one."""
    found = [match for pattern in _NAMED for match in pattern.findall(exception)]
    return frozenset(re.split(r"[./]", name.removesuffix(".js"))[-1] for name in found) - {""}


def new_findings(before: Sequence[ToolReport], after: Sequence[ToolReport]) -> tuple[tuple[str, ToolFinding], ...]:
    """Errors and warnings that `after` holds and `before` does not, lines and numbers aside.

    Only tools that finished both times are compared: for another, nobody knows what it would have said.
    """
    finished = {report.tool for report in before if report.state == "finished"}
    known = Counter(_signature(report.tool, found) for report, found in _counted(before))
    fresh = []
    for report, found in _counted(after):
        signature = _signature(report.tool, found)
        if known[signature]:
            known[signature] -= 1
        elif report.tool in finished:
            fresh.append((report.tool, found))
    return tuple(fresh)


def _counted(reports: Sequence[ToolReport]) -> Iterator[tuple[ToolReport, ToolFinding]]:
    for report in reports:
        if report.state == "finished":
            yield from ((report, found) for found in report.findings if found.severity in COUNTED)


def _signature(tool: str, found: ToolFinding) -> tuple[str, str, str, str]:
    return tool, found.path, found.rule, re.sub(r"\d+", "0", found.message)


def _neighbourhood(content: bytes, path: str, line: int) -> tuple[int, int]:
    """First and last line of the innermost function around a line of Python; else some lines around it."""
    functions = list(_functions(content)) if path.endswith(".py") else []
    around = [(first, last) for first, last in functions if first <= line <= last]
    return min(around, key=lambda lines: lines[1] - lines[0], default=(line - NEAR_LINES, line + NEAR_LINES))


def _functions(content: bytes) -> Iterator[tuple[int, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorated = [decorator.lineno for decorator in node.decorator_list]
            yield min([node.lineno, *decorated]), node.end_lineno or node.lineno
