"""Tables: how many entries of the log the site takes in a second, and what live streams that say nothing cost."""

from __future__ import annotations

import os
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.people import Load, Typist, each_second, first_batches, one_after_another
from tests.bench.processes import processor_seconds
from tests.bench.rounds import middle, p95
from tests.bench.site import Server, web_server
from tests.bench.table import Table

WRITERS = 8
SECONDS = float(os.environ.get("AMEND_BENCH_INGEST_SECONDS", "10"))
STREAMS = int(os.environ.get("AMEND_BENCH_STREAMS", "1000"))
PEOPLE = [int(number) for number in os.environ.get("AMEND_BENCH_PEOPLE", "250,500,1000,2000,3000,4000").split(",")]
ENTRIES_A_SECOND = 5
ASKED_SECONDS = 0.050


def ingest() -> Iterator[Table]:
    """Eight writers who send without pause, then more and more people who type, then a thousand idle streams."""
    _allow_open_files(max(*PEOPLE, STREAMS) + 200)
    with web_server(people=max(*PEOPLE, WRITERS)) as server:
        typists = [Typist(server.port, writer) for writer in server.writers]
        first_batches(typists)  # the first requests import, and read the sign-ins
        yield _without_pause(server, typists[:WRITERS])
        yield _typing(server, typists)
    with web_server(people=WRITERS) as fresh:  # one that has been busy would have room for all of them already
        one_after_another([Typist(fresh.port, writer) for writer in fresh.writers], size=10, seconds=1.0)
        yield _streams(fresh)


def _without_pause(server: Server, typists: list[Typist]) -> Table:
    table = Table(
        "Ingest of the event log, without pause",
        f"{len(typists)} writers, each with its own session, send batches one after another for {SECONDS:.0f} s to one "
        "web process with the embedded PostgreSQL, which waits for the disk at each commit. The load comes from one "
        "thread on the same machine; processors are those that were busy of the whole machine's.",
        ("entries a batch", "entries a second", "batches a second", "ms, median / p95", *PROCESSORS),
    )
    for size in (10, 50, 500):
        before = _busy(server)
        load = one_after_another(typists, size=size, seconds=SECONDS)
        rate = len(load.taken) / load.elapsed
        table.add(size, f"{size * rate:,.0f}", f"{rate:,.0f}", _milliseconds(load), *_processors(server, before, load))
    return table


def _typing(server: Server, typists: list[Typist]) -> Table:
    """More and more people, until they have to wait too long."""
    table = Table(
        "People who type",
        f"So many people at once, each with its own session and connection, send {ENTRIES_A_SECOND} entries every "
        f"second for {SECONDS:.0f} s, whatever became of the batch before (an open loop); its time counts from when it "
        f"was due. The rest as above. Ends where the 95th percentile is over twice the {1000 * ASKED_SECONDS:.0f} ms "
        "that are asked for.",
        ("people", "entries a second", "batches a second", "ms, median / p95", *PROCESSORS),
    )
    for people in PEOPLE:
        each_second(typists[:people], size=ENTRIES_A_SECOND, seconds=2.0)  # plans, pages of the tables, connections
        before = _busy(server)
        load = each_second(typists[:people], size=ENTRIES_A_SECOND, seconds=SECONDS)
        rate = len(load.taken) / load.elapsed
        cells = f"{ENTRIES_A_SECOND * rate:,.0f}", f"{rate:,.0f}", _milliseconds(load)
        table.add(f"{people:,}", *cells, *_processors(server, before, load))
        if p95(load.taken) > 2 * ASKED_SECONDS:
            break
    return table


PROCESSORS = ("processors: web", "load", "the machine's")


def _busy(server: Server) -> tuple[float, float]:
    """Processor seconds of the web process, and of everything on the machine."""
    counted = [int(one) for one in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]
    idle = counted[3] + counted[4]
    return processor_seconds(server.process.pid), (sum(counted) - idle) / os.sysconf("SC_CLK_TCK")


def _processors(server: Server, before: tuple[float, float], load: Load) -> list[str]:
    web, machine = (now - then for now, then in zip(_busy(server), before, strict=True))
    return [f"{seconds / load.elapsed:.2f}" for seconds in (web, load.processor_seconds, machine)]


def _milliseconds(load: Load) -> str:
    return f"{1000 * middle(load.taken):.1f} / {1000 * p95(load.taken):.1f}"


def _allow_open_files(wanted: int) -> None:
    """For this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def _streams(server: Server) -> Table:
    """What the web process holds before and with so many open streams on which nothing happens."""
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
        "A web process that has done little else; the streams were opened within "
        f"{time.monotonic() - began:.0f} s and say nothing.",
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
