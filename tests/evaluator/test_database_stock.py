"""A process that evaluates again and again has databases made before a run asks for them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from evaluator.errors import EngineUnavailable
from evaluator.sandbox import DatabaseAccess
from evaluator.services import postgres
from evaluator.services.stock import Stock


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Shelf:
    """Makes databases that exist on paper only, and remembers which were dropped."""

    def __init__(self) -> None:
        self.made = 0
        self.dropped: list[str] = []

    @contextmanager
    def make(self) -> Iterator[DatabaseAccess]:
        self.made += 1
        name = f"database {self.made}"
        try:
            yield DatabaseAccess(Path("/nowhere"), name, name)
        finally:
            self.dropped.append(name)


def test_nothing_is_made_until_somebody_asks_to_keep_some() -> None:
    shelf = Shelf()
    stock = Stock(shelf.make)
    stock.refill()
    assert stock.take() is None
    assert shelf.made == 0


def test_each_is_handed_out_once_and_dropped_by_whoever_took_it() -> None:
    shelf = Shelf()
    stock = Stock(shelf.make)
    stock.keep(1)
    until(lambda: stock.ready == 1)
    taken = stock.take()
    assert taken is not None
    assert taken[0].role == "database 1"
    assert stock.take() is None
    assert shelf.dropped == []
    taken[1].close()
    assert shelf.dropped == ["database 1"]
    stock.refill()
    until(lambda: stock.ready == 1)
    stock.clear()
    assert shelf.dropped == ["database 1", "database 2"]
    stock.refill()
    assert stock.take() is None


def test_one_that_waited_too_long_is_dropped_instead_of_used(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    stock = Stock(shelf.make)
    stock.keep(1)
    until(lambda: stock.ready == 1)
    monkeypatch.setattr("evaluator.services.stock.STALE_SECONDS", 0.0)
    assert stock.take() is None
    assert shelf.dropped == ["database 1"]
    stock.clear()


def test_a_server_that_does_not_answer_is_for_the_run_to_find_out() -> None:
    @contextmanager
    def fails() -> Iterator[DatabaseAccess]:
        raise EngineUnavailable("no")
        yield

    stock = Stock(fails)
    stock.keep(1)
    until(lambda: not stock._filling.locked())
    assert stock.take() is None


@pytest.mark.engines
def test_a_run_gets_a_ready_database_that_is_gone_afterwards() -> None:
    postgres.keep_databases_ready(1)
    try:
        until(lambda: postgres.databases_ready() == 1)
        ready = postgres._stock._ready[0].access
        with postgres.fresh_database() as access:
            assert access == ready
            address = f"host={access.socket.parent} user={access.role} dbname={access.database} password=password"
            with psycopg.connect(address) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not postgres.is_there(access)
        until(lambda: postgres.databases_ready() == 1)
        waiting = postgres._stock._ready[0].access
        assert waiting != access
        assert postgres.is_there(waiting)
    finally:
        postgres.keep_databases_ready(0)
    assert not postgres.is_there(waiting)


@pytest.mark.engines
def test_the_end_of_the_process_drops_what_was_ready() -> None:
    code = (
        "import time\nfrom evaluator.services import postgres\npostgres.keep_databases_ready(1)\n"
        "while not postgres._stock._ready: time.sleep(0.01)\nprint(postgres._stock._ready[0].access.role)"
    )
    postgres.running_engine()  # ours too, so that the cluster goes on and can be asked
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    role = done.stdout.strip()
    assert role.startswith(postgres.PREFIX)
    assert not postgres.is_there(DatabaseAccess(Path("/nowhere"), role, role))
