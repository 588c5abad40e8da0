"""Table: what is recorded, asked of a web process over HTTP: history of a long session, comparison of long files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from http.client import HTTPConnection
from typing import Any

from tests.bench.processes import processor_seconds
from tests.bench.rounds import middle, p95
from tests.bench.site import Server, Writer, web_server
from tests.bench.table import Table

ENTRIES = 100_000
LINES = 10_000
FILES = 3  # long files, each of which can be asked for the first time once
AGAIN = 10
BATCH = 500
CSRF = "b" * 32


def recorded_pages() -> Table:
    """A session of 100,000 typed letters, and one with three long files changed since its run."""
    table = Table(
        "What is recorded, over HTTP",
        f"One web process with the embedded PostgreSQL that has shown other sessions before. First: nothing remembered "
        f"of this file ({FILES} of them) or session, of which what the player fetches comes after the page; again: "
        f"{AGAIN} rounds. Processor: of the web process, a page.",
        ("asked for", "ms first, median / p95", "ms again, median / p95", "processor ms, first / again", "kB"),
    )
    with web_server(people=3) as server:
        small, typist, repairer = (Browser(server.port, writer) for writer in server.writers)
        _type(small, BATCH)
        _type(typist, ENTRIES)
        run = _change_long_files(repairer)
        for address in ("history/", "history-steps", "history-chunk?n=0", "compare/"):
            small.get(address)
        last = f"history-chunk?n={ENTRIES // 2_000 - 1}"
        for name, address in (
            (f"history of {ENTRIES:,} entries: page", "history/"),
            ("… its steps", "history-steps"),
            ("… its last chunk", last),
        ):
            _measure(table, name, server, typist, [address])
        compared = f"compare/?from=run-{run}&to=now&path=long_"
        name = f"comparison of a {LINES:,}-line file, one function in a hundred changed"
        _measure(table, name, server, repairer, [f"{compared}{number}.py" for number in range(FILES)])
    return table


class Browser:
    """Asks for pages of one session, and records what it is told to."""

    def __init__(self, port: int, writer: Writer) -> None:
        self.port, self.writer = port, writer
        self.last = 0

    def get(self, address: str) -> tuple[float, int]:
        """Seconds and bytes of a page."""
        asked = time.perf_counter()
        content = self._ask("GET", address)
        return time.perf_counter() - asked, len(content)

    def post(self, address: str, body: dict[str, Any] | str) -> Any:
        return json.loads(self._ask("POST", address, body if isinstance(body, str) else json.dumps(body)))

    def record(self, *events: dict[str, Any]) -> None:
        """Store entries; number and times are put to them."""
        numbered = [
            event | {"seq": seq, "at": 1_760_000_000_000 + 1_000 * seq, "mono": 1_000 * seq, "page": "bench"}
            for seq, event in enumerate(events, start=self.last + 1)
        ]
        head = {"client": "bench", "token": self.writer.token, "first": self.last + 1, "sent_at": 1_760_000_000_000}
        self.post("events", head | {"events": numbered})
        self.last += len(events)

    def _ask(self, method: str, address: str, body: str | None = None) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {
            "Content-Type": "application/json",
            "Cookie": f"sessionid={self.writer.cookie}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
        }
        try:
            connection.request(method, f"/sessions/{self.writer.session}/{address}", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status not in (200, 202):
            raise RuntimeError(f"{method} {address} was answered {answer.status}: {content[:300]!r}")
        return content


def _type(browser: Browser, entries: int) -> None:
    """Three letters at the end of app.py, then a selection, again and again."""
    length = 0
    for _ in range(0, entries, BATCH):
        events: list[dict[str, Any]] = []
        while len(events) < BATCH:
            if len(events) % 4 == 3:
                events.append({"kind": "selected", "path": "app.py", "head": length})
                continue
            kept = [length] if length else []
            events.append({"kind": "edit", "path": "app.py", "changes": [*kept, [0, "x"]], "user": "input.type"})
            length += 1
        browser.record(*events)


def _change_long_files(browser: Browser) -> int:
    """Write long files, ask for a run, change one function in a hundred of each; the number of the run."""
    texts = [_functions(f"file_{number}") for number in range(FILES)]
    for number, functions in enumerate(texts):
        browser.record({"kind": "file.created", "path": f"long_{number}.py", "text": "".join(functions)})
    asked = browser.post("checks", {"client": "bench", "token": 1, "through": browser.last, "digest": ""})
    for number, functions in enumerate(texts):
        changes: list[object] = []
        for index, function in enumerate(functions):
            changed = [len(function), function.replace("value", "other")[:-1], ""]
            changes.append(changed if index % 100 == 50 else len(function))
        browser.record({"kind": "edit", "path": f"long_{number}.py", "changes": changes, "user": "input.replace.all"})
    return int(asked["run"])


def _functions(name: str) -> list[str]:
    return [f"def {name}_{n}(value):\n    return value + {n}  # line {n}\n" for n in range(LINES // 2)]


def _measure(table: Table, name: str, server: Server, browser: Browser, addresses: Iterable[str]) -> None:
    first, again, size = [], [], 0
    worked = [0.0, 0.0]  # processor seconds of the web process: at first, and again
    for address in addresses:
        before = processor_seconds(server.process.pid)
        seconds, size = browser.get(address)
        between = processor_seconds(server.process.pid)
        first.append(seconds)
        again += [browser.get(address)[0] for _ in range(AGAIN)]
        worked = [worked[0] + between - before, worked[1] + processor_seconds(server.process.pid) - between]
    cells = [f"{1000 * middle(taken):.0f} / {1000 * p95(taken):.0f}" for taken in (first, again)]
    processor = [f"{1000 * spent / len(taken):.0f}" for spent, taken in zip(worked, (first, again), strict=True)]
    table.add(name, *cells, " / ".join(processor), f"{size / 1000:,.0f}")
