"""Tables: how many entries of the log the site takes in a second, and what live streams that say nothing cost."""

from __future__ import annotations

import json
import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from tests.bench.rounds import middle, p95
from tests.bench.site import Server, Writer, web_server
from tests.bench.table import Table

WRITERS = 8
SECONDS = float(os.environ.get("AMEND_BENCH_INGEST_SECONDS", "10"))
STREAMS = int(os.environ.get("AMEND_BENCH_STREAMS", "1000"))
CSRF = "b" * 32


def ingest() -> Iterator[Table]:
    """Batches of 10, 50 and 500 entries by eight writers at once, then a thousand idle streams."""
    with web_server(people=WRITERS) as server:
        table = Table(
            "Ingest of the event log",
            f"{WRITERS} writers, each with its own session, send batches one after another for {SECONDS:.0f} s to one "
            "web process with the embedded PostgreSQL; the load comes from the same machine.",
            ("entries a batch", "entries a second", "batches a second", "ms, median / p95"),
        )
        next_entry = dict.fromkeys((writer.session for writer in server.writers), 1)
        _load(server, 1, next_entry, seconds=1.0)  # the first requests import, and fill the pool of connections
        for size in (10, 50, 500):
            taken, elapsed = _load(server, size, next_entry, seconds=SECONDS)
            cell = f"{1000 * middle(taken):.1f} / {1000 * p95(taken):.1f}"
            table.add(size, f"{size * len(taken) / elapsed:,.0f}", f"{len(taken) / elapsed:,.0f}", cell)
        yield table
        yield _streams(server)


def _load(server: Server, size: int, next_entry: dict[int, int], *, seconds: float) -> tuple[list[float], float]:
    """Seconds each batch took, and how long the whole took."""
    taken: list[float] = []
    began = time.monotonic()
    threads = [
        threading.Thread(target=_write, args=(server.port, writer, size, next_entry, began + seconds, taken))
        for writer in server.writers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, time.monotonic() - began


def _write(port: int, writer: Writer, size: int, next_entry: dict[int, int], until: float, taken: list[float]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    headers = {
        "Content-Type": "application/json",
        "Cookie": f"sessionid={writer.cookie}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
    }
    while time.monotonic() < until:
        first = next_entry[writer.session]
        body = batch(writer, first, size)
        asked = time.monotonic()
        connection.request("POST", f"/sessions/{writer.session}/events", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        taken.append(time.monotonic() - asked)
        if answer.status != 200:
            raise RuntimeError(f"The server answered {answer.status}: {said[:300]!r}")
        next_entry[writer.session] = first + size
    connection.close()


def batch(writer: Writer, first: int, size: int) -> str:
    """Somebody types: each entry puts one letter at the end of app.py."""
    now = 1_760_000_000_000
    events = ",".join(
        f'{{"seq":{seq},"at":{now + 200 * seq},"mono":{200 * seq},"page":"bench","kind":"edit","path":"app.py",'
        f'"changes":[{f"{seq - 1}," if seq > 1 else ""}[0,"x"]],"user":"input.type"}}'
        for seq in range(first, first + size)
    )
    head = json.dumps({"client": "bench", "token": writer.token, "first": first, "sent_at": now})
    return f'{head[:-1]},"events":[{events}]}}'


def _streams(server: Server) -> Table:
    """What the web process holds before and with so many open streams on which nothing happens."""
    wanted = STREAMS + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    before = _megabytes(server.process.pid)
    opened = []
    began = time.monotonic()
    for number in range(STREAMS):
        writer = server.writers[number % len(server.writers)]
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(
            f"GET /sessions/{writer.session}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Cookie: sessionid={writer.cookie}\r\n\r\n".encode()
        )
        opened.append(connection)
        if number % 20 == 19:  # a browser each, not all in the same instant
            _answered(opened[-20:])
    _answered(opened[-(STREAMS % 20) :] if STREAMS % 20 else [])
    after = _megabytes(server.process.pid)
    table = Table(
        "Idle live streams",
        f"One web process; the streams were opened within {time.monotonic() - began:.0f} s and say nothing.",
        ("streams", "MB before", "MB with them", "MB for them", "kB each"),
    )
    more = after - before
    table.add(STREAMS, f"{before:.0f}", f"{after:.0f}", f"{more:.0f}", f"{1000 * more / max(STREAMS, 1):.0f}")
    for connection in opened:
        connection.close()
    return table


def _answered(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.settimeout(30)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("A stream was refused.")


def _megabytes(process: int) -> float:
    """Memory that the process holds now."""
    line = next(one for one in Path(f"/proc/{process}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / 1e6
