"""A program of its own: reads the tables of SQLite files that a backend wrote, and prints one line of JSON for each.

    sqlite_reader.py FILE…

The files are private copies, and hostile: this runs unprivileged with bounds on memory and time, opens tables only (no
views, no virtual tables, nothing that runs code of the file's schema), and gives up on what takes too long. Standard
library only, for it runs on whatever interpreter the machine has.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time

ROWS_COUNTED = 1_000
TABLES_READ = 200
MOST_KEYS = 50
FILE_SECONDS = 0.5
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY rowid LIMIT ?"
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    for path in sys.argv[1:]:
        try:
            document = read(path)
        except (sqlite3.Error, OverflowError, MemoryError, RecursionError) as error:
            document = {"tables": [], "complete": False, "error": type(error).__name__}
        print(json.dumps(document), flush=True)


def read(path: str) -> dict[str, Any]:
    connection = opened(path)
    names = [name for (name,) in connection.execute(TABLES, (TABLES_READ + 1,)) if not name.startswith("sqlite_")]
    tables = [described(connection, name) for name in names[:TABLES_READ]]
    complete = len(names) <= TABLES_READ and all(table["rows"] is not None for table in tables)
    return {"tables": tables, "complete": complete}


def opened(path: str) -> sqlite3.Connection:
    """Immutable, unless what was written last still lies in a journal beside it: that is played back into the copy."""
    journal = any(os.path.exists(path + ending) for ending in ("-wal", "-journal"))
    mode = "mode=rw" if journal else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"file:{path}?{mode}", uri=True, isolation_level=None, timeout=0)
    connection.text_factory = lambda content: content.decode("utf-8", "replace")
    deadline = time.monotonic() + FILE_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 1_000)
    for pragma in ("trusted_schema=OFF", "mmap_size=0", "cell_size_check=ON", "query_only=ON", "temp_store=MEMORY"):
        connection.execute("PRAGMA " + pragma)
    return connection


def described(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    table: dict[str, Any] = {"name": name, "rows": None, "columns": [], "foreign": [], "unique": []}
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        columns = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
        table["columns"] = [column[1] for column in columns]
        table["unique"] = [[column[1] for column in columns if column[5]]]
        table["foreign"] = foreign_keys(connection, quoted)
        table["unique"] += unique_indexes(connection, quoted)
        some = f"SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT {ROWS_COUNTED + 1})"
        table["rows"] = connection.execute(some).fetchone()[0]
    except (sqlite3.Error, OverflowError):  # broken, or too long: what was read so far stands
        pass
    return table


def foreign_keys(connection: sqlite3.Connection, quoted: str) -> list[list[Any]]:
    keys: dict[int, list[Any]] = {}
    for number, _, target, column, *_ in connection.execute(f"PRAGMA foreign_key_list({quoted})").fetchmany(MOST_KEYS):
        keys.setdefault(number, [[], target])[0].append(column)
    return list(keys.values())


def unique_indexes(connection: sqlite3.Connection, quoted: str) -> list[list[str]]:
    """The columns of whole unique indexes; one on an expression names them only in its text."""
    found = []
    for _, name, unique, _, partial in connection.execute(f"PRAGMA index_list({quoted})").fetchmany(MOST_KEYS):
        if unique and not partial:
            index = '"' + name.replace('"', '""') + '"'
            named = [row[2] for row in connection.execute(f"PRAGMA index_info({index})").fetchmany(MOST_KEYS)]
            text = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            found.append([column for column in named if column] if all(named) else columns_in(text))
    return found


def columns_in(text: Any) -> list[str]:
    inner = str(text[0] if text else "").partition("(")[2]
    return [word.strip('"`[]() ') for word in inner.replace("(", ",").replace(")", ",").split(",") if word.strip()][:8]


if __name__ == "__main__":
    main()
