"""SQLite files are found and read in a real sandbox, as hostile files of a hostile program."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.evidence.sqlite_files import CopiedFiles, copied_sqlite_files, read_copies
from evaluator.evidence.tables import ROWS_COUNTED, TABLES_READ, ForeignKey, StoredTables
from evaluator.sandbox import Sandbox
from tests.evaluator.tiny_backends import python_spec

Found = tuple[tuple[StoredTables, ...], bool]
SAYS_WHEN_DONE = "\nimport time; print('done', flush=True); time.sleep(300)"


def found_after(sandbox: Sandbox, program: str, shipped: dict[str, bytes] | None = None) -> Found:
    """What is found while the program still runs."""
    spec = python_spec(program + SAYS_WHEN_DONE)
    files = dict(spec.files) | (shipped or {})
    with sandbox.launch(python_spec(program + SAYS_WHEN_DONE, files=files)) as running:
        deadline = time.monotonic() + 20
        while "done" not in running.log() and running.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "done" in running.log(), running.log()
        process = running.first_process()
        assert process is not None
        with copied_sqlite_files(process, files) as copied:
            assert copied is not None
            return read_copies(copied)


def read_one(tmp_path: Path, make: Callable[[sqlite3.Connection], object]) -> StoredTables:
    path = tmp_path / "0.db"
    with sqlite3.connect(path) as connection:
        make(connection)
    connection.close()
    return read_file(path)


def read_file(path: Path) -> StoredTables:
    copied = CopiedFiles(path.parent, {"app/x.db": path})
    path.parent.chmod(0o777)
    path.chmod(0o666)
    for folder in path.parents:
        if "pytest" in str(folder):
            folder.chmod(folder.stat().st_mode | 0o111)
    (stored,), _ = read_copies(copied)
    return stored


@pytest.mark.sandbox
class TestInASandbox:
    def test_files_in_every_writable_place_are_found_with_what_is_still_in_their_journal(
        self, each_sandbox: Sandbox
    ) -> None:
        stored, complete = found_after(
            each_sandbox,
            "import sqlite3, os\nos.makedirs('deep/er')\nopen('no.db', 'w').write('SQLite format 2')\n"
            "kept = []\n"
            "for path in ('/app/a.db', '/app/deep/er/b', '/tmp/c.sqlite'):\n"
            " c = sqlite3.connect(path, isolation_level=None); kept.append(c)\n"
            " c.execute('PRAGMA journal_mode=WAL')\n"
            " c.execute('CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE)')\n"
            " c.execute(\"INSERT INTO users (email) VALUES ('x'), ('y')\")",
        )
        assert complete
        assert {(one.path, one.rows) for one in stored} == {("app/a.db", 2), ("app/deep/er/b", 2), ("tmp/c.sqlite", 2)}
        assert stored[0].tables[0].unique == (("id",), ("email",))

    def test_links_pipes_and_sockets_lead_nowhere(self, each_sandbox: Sandbox, tmp_path: Path) -> None:
        outside = tmp_path / "outside.db"
        with sqlite3.connect(outside) as connection:
            connection.execute("CREATE TABLE secret (n int)")
        connection.close()
        stored, _ = found_after(
            each_sandbox,
            f"import os, socket\nos.symlink('{outside}', 'link.db')\nos.symlink('{tmp_path}', 'folder')\n"
            "os.symlink('/proc/self/root', 'root')\nos.mkfifo('pipe.db')\n"
            "s = socket.socket(socket.AF_UNIX); s.bind('socket.db')",
        )
        assert stored == ()

    def test_a_file_as_it_was_shipped_was_not_written_by_the_run(self, each_sandbox: Sandbox, tmp_path: Path) -> None:
        seed = tmp_path / "seed.db"
        with sqlite3.connect(seed) as connection:
            connection.execute("CREATE TABLE seeds AS SELECT 1 AS n")
        connection.close()
        shipped = {"seed.db": seed.read_bytes(), "used.db": seed.read_bytes()}
        change = "import sqlite3\nc = sqlite3.connect('used.db')\nc.execute('INSERT INTO seeds VALUES (2)')\nc.commit()"
        stored, complete = found_after(each_sandbox, change, shipped)
        assert [(one.path, one.rows) for one in stored] == [("app/used.db", 2)]
        assert complete

    def test_a_flood_of_files_or_one_huge_file_is_passed_over_in_time_and_said_to_be_incomplete(
        self, each_sandbox: Sandbox
    ) -> None:
        flood = "import os\nfor n in range(30000): open(f'f{n}', 'w')"
        huge = "f = open('huge.db', 'wb'); f.write(b'SQLite format 3\\0'); f.truncate(200 << 20)"
        for program in (flood, huge):
            stored, complete = found_after(each_sandbox, program)
            assert stored == ()
            assert not complete


def test_keys_are_read_with_their_targets(tmp_path: Path) -> None:
    stored = read_one(
        tmp_path,
        lambda c: c.executescript(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT);"
            "CREATE UNIQUE INDEX a ON users (lower(email)); CREATE UNIQUE INDEX b ON users (name) WHERE id > 3;"
            "CREATE TABLE likes (user_id INT REFERENCES users (id), post INT, PRIMARY KEY (post, user_id)) "
            "WITHOUT ROWID"
        ),
    )
    users, likes = stored.tables
    assert users.unique[0] == ("id",)
    assert "email" in users.unique[1]
    assert len(users.unique) == 2
    assert likes.foreign == (ForeignKey(("user_id",), "users"),)
    assert ("post", "user_id") in likes.unique


def test_rows_are_counted_up_to_a_bound(tmp_path: Path) -> None:
    many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n"
    stored = read_one(tmp_path, lambda c: c.execute(f"CREATE TABLE many AS {many}"))
    assert stored.rows == ROWS_COUNTED + 1
    assert stored.complete


def test_views_without_end_triggers_and_virtual_tables_are_never_touched(tmp_path: Path) -> None:
    begun = time.monotonic()
    stored = read_one(
        tmp_path,
        lambda c: c.executescript(
            "CREATE TABLE t (n INT); INSERT INTO t VALUES (1);"
            "CREATE VIEW v AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;"
            "CREATE TRIGGER again AFTER INSERT ON t BEGIN INSERT INTO t SELECT n + 1 FROM t; END;"
            "CREATE VIRTUAL TABLE words USING fts5 (content);"
        ),
    )
    assert "v" not in {table.name for table in stored.tables}
    assert "words" not in {table.name for table in stored.tables}
    assert next(table for table in stored.tables if table.name == "t").rows == 1
    assert time.monotonic() - begun < 3


def test_a_view_that_a_forged_schema_calls_a_table_is_never_counted_for_long(tmp_path: Path) -> None:
    def forge(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE t (n INT)")
        connection.execute(
            "CREATE VIEW v AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        )
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET type = 'table', rootpage = 2 WHERE name = 'v'")

    begun = time.monotonic()
    read_one(tmp_path, forge)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("broken", ["header", "middle", "short", "zeros"])
def test_a_broken_file_is_incomplete_and_nothing_worse(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "0.db"
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE a (n); CREATE TABLE b (n); INSERT INTO a SELECT 1")
    connection.close()
    content = bytearray(path.read_bytes())
    if broken == "header":
        content[16:40] = b"\xff" * 24
    elif broken == "middle":
        content[4096:] = b"\xff" * len(content[4096:])
    elif broken == "short":
        content = content[:700]
    else:
        content[100:] = bytes(len(content) - 100)
    path.write_bytes(content)
    stored = read_file(path)
    assert stored.rows == 0
    assert not stored.complete or not stored.tables


def test_ten_thousand_tables_are_read_up_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "0.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a INT)")
        connection.execute("PRAGMA writable_schema = ON")
        rows = ((f"t{n}", f"t{n}", f"CREATE TABLE t{n} (a INT)") for n in range(10_000))
        connection.executemany("INSERT INTO sqlite_master VALUES ('table', ?, ?, 2, ?)", rows)
    connection.close()
    begun = time.monotonic()
    stored = read_file(path)
    assert time.monotonic() - begun < 5
    assert len(stored.tables) <= TABLES_READ
    assert not stored.complete


def test_names_with_quotes_control_characters_and_zeros_are_read(tmp_path: Path) -> None:
    name = 'a"b\n\x1b[2J\u202e'
    stored = read_one(tmp_path, lambda c: c.execute('CREATE TABLE "' + name.replace('"', '""') + '" (n)'))
    assert [table.name for table in stored.tables] == [name]
    assert stored.tables[0].rows == 0


def test_a_process_that_is_no_sandbox_is_not_looked_into() -> None:
    with copied_sqlite_files(1, {}) as copied:
        assert copied is None
    with copied_sqlite_files(2**22 - 1, {}) as copied:
        assert copied is None
