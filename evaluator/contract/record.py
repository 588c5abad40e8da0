"""What a run's requests showed beside the checks: how long they took, and which answers the document does not know."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass

from evaluator.contract.answer import Answer, Failed
from evaluator.contract.documents import OpenApiDocument
from evaluator.verdict import Latency


@dataclass(frozen=True)
class Undocumented:
    """An answer that the document does not allow."""

    operation: str
    answer: Answer
    wrong: tuple[str, ...]

    @property
    def refused(self) -> bool:
        return not self.answer.succeeded


class Record:
    """Kept by the session, one per run."""

    def __init__(self, document: OpenApiDocument | None) -> None:
        self._document = document
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._intervals: list[tuple[float, float]] = []
        self._undocumented: list[Undocumented] = []

    def answered(self, method: str, path: str, answer: Answer) -> None:
        """Note an answer to a request below the base; `path` may carry a query."""
        ended, seconds = time.monotonic(), answer.exchange.seconds
        self._intervals.append((ended - seconds, ended))
        if self._document is None:
            return
        operation = self._document.operation_of(method, path.partition("?")[0])
        if not operation:
            return
        self._seconds[operation].append(seconds)
        schema = self._document.schema_for(operation, answer.status)
        if schema is None:
            return
        try:
            wrong = self._document.violations_of(schema, answer.json)
        except Failed:
            wrong = ["the body is not JSON"]
        if wrong:
            self._undocumented.append(Undocumented(operation, answer, tuple(wrong)))

    def fail_for_undocumented(self, operation: str, *, refused: bool) -> None:
        """Raises Failed for the first undocumented success of `operation`, or refusal of any where that is empty."""
        for found in self._undocumented:
            if found.refused == refused and operation in ("", found.operation):
                request = f"{found.answer.exchange.method} {found.answer.exchange.path}"
                raise found.answer.fail(
                    "the shape that the OpenAPI document declares", f"{request}: {'; '.join(found.wrong)}"
                )

    @property
    def requests(self) -> int:
        """Requests that were answered."""
        return len(self._intervals)

    def serving_seconds(self) -> float:
        """The time in which at least one request was under way: the union of their intervals."""
        total, until = 0.0, float("-inf")
        for started, ended in sorted(self._intervals):
            total += max(0.0, ended - max(started, until))
            until = max(until, ended)
        return round(total, 4)

    def latencies(self) -> tuple[Latency, ...]:
        """Median and 95th percentile of each operation, in the order of the document."""
        if self._document is None:
            return ()
        return tuple(
            _latency(operation, self._seconds[operation])
            for operation in self._document.operations
            if operation in self._seconds
        )


def _latency(operation: str, seconds: list[float]) -> Latency:
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Latency(operation, len(seconds), round(statistics.median(seconds), 5), round(p95, 5))
