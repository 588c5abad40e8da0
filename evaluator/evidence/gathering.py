"""Collects what a run left behind, between the first verdict and whatever comes after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from evaluator.evidence.sqlite_files import copied_sqlite_files, read_copies
from evaluator.evidence.tables import StoredTables
from evaluator.sandbox import Running
from evaluator.sandbox.base import DatabaseAccess, SentStatements
from evaluator.tasks import Task
from evaluator.verdict import CheckResult

KINDS_CONFIRMED_BY_RUNS = frozenset({"database", "orm", "schema", "migrations"})
_WRITING = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True)
class Evidence:
    """What one run left behind. None and `files_complete` false mean: unknown, so that nothing follows from it.

    `writes` is how many requests to write were answered with success in checks that passed, `has_postgres` whether the
    task offered a PostgreSQL.
    """

    writes: int = 0
    has_postgres: bool = False
    postgres: StoredTables | None = None
    files: tuple[StoredTables, ...] = ()
    files_complete: bool = False
    sent: SentStatements | None = None

    @property
    def left_no_table(self) -> bool:
        """Whether certainly nothing was kept in any table, although something was written."""
        readable = self.files_complete and all(one.complete for one in self.files)
        if self.has_postgres:
            readable = readable and self.postgres is not None and self.postgres.complete
        stored = (*self.files, *([self.postgres] if self.postgres is not None else []))
        return bool(self.writes) and readable and not any(one.own_tables for one in stored)

    def stored_in(self, database: str) -> tuple[tuple[StoredTables, ...], bool]:
        """What lies in a kind of database, and whether that is all of it."""
        if database == "postgres":
            stored = (self.postgres,) if self.postgres is not None else ()
            return stored, bool(stored) and all(one.complete for one in stored)
        return self.files, self.files_complete and all(one.complete for one in self.files)


class Gathering:
    """Takes what must be taken while the backend stands still; what can wait is read while the run goes on."""

    def __init__(self, files: Mapping[str, bytes], running: Running, database: DatabaseAccess | None) -> None:
        self._shipped = files
        self._running = running
        self._database = database
        self._stack = ExitStack()
        self._postgres: StoredTables | None = None
        self._sent: SentStatements | None = None
        self._reading: Future[tuple[tuple[StoredTables, ...], bool]] | None = None

    def take(self) -> None:
        """Read PostgreSQL, and copy the SQLite files out; some tens of milliseconds, bounded at about a second."""
        if self._database is not None:
            from evaluator.evidence.postgres_tables import read_postgres

            self._sent = self._running.sent_statements()
            self._postgres = read_postgres(self._database)
        process = self._running.first_process()
        if process is None:
            return
        copied = self._stack.enter_context(copied_sqlite_files(process, self._shipped))
        if copied is not None:
            pool = self._stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="sqlite-evidence"))
            self._reading = pool.submit(read_copies, copied)

    def evidence(self, checks: Iterable[CheckResult]) -> Evidence:
        """What was found, once; `checks` are the results of the run."""
        with self._stack:
            files, complete = self._reading.result() if self._reading is not None else ((), False)
        has_postgres = self._database is not None
        return Evidence(successful_writes(checks), has_postgres, self._postgres, files, complete, self._sent)


def is_wanted(task: Task) -> bool:
    """Whether a constraint of the task can be confirmed by what a run leaves behind."""
    return any(constraint.kind in KINDS_CONFIRMED_BY_RUNS for constraint in task.constraints)


def successful_writes(checks: Iterable[CheckResult]) -> int:
    """Requests to make or change something that were answered with success, in checks that passed; no logins."""
    return sum(
        exchange.method in _WRITING
        and exchange.received_status is not None
        and 200 <= exchange.received_status < 300
        and "login" not in exchange.path
        for check in checks
        if check.outcome == "passed"
        for exchange in {id(one): one for one in (*check.steps, *([check.exchange] if check.exchange else []))}.values()
    )
