"""What a statement in SQL does, as far as rules ask: read or write the data, or only probe, define or steer.

`SELECT 1`, PRAGMA, SET, BEGIN and the like, CREATE/ALTER/DROP and questions to the catalogue are not data access.
"""

from __future__ import annotations

import re

from evaluator.verifiers.expressions import GAP
from evaluator.verifiers.words import words

# Methods that run a statement. A statement in capitals counts in whatever call it stands.
RUNS_SQL = words(
    "execute executemany executescript exec_driver_sql fetch fetchrow fetchval fetch_one fetch_all",
    "fetch_val fetchone fetchall fetchmany iterate scalar scalars query queryone one oneornone many",
    "manyornone any none prepare run get all each exec raw unsafe queryraw executeraw $queryraw",
    "$executeraw $queryrawunsafe $executerawunsafe sql text selectall selectone read_sql read_sql_query",
)
# Calls that only speak about a statement.
_ONLY_TALKS = words(
    "debug info warning warn error exception critical log print startswith endswith includes match test",
    "search append push compile replace split join assert",
)
_LEAD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*", re.DOTALL)
_DATA = re.compile(
    r"select\b(?P<select>.*)|"
    r"with\s+(?:recursive\s+)?[\w\"]+\s*(?:\([^)]*\)\s*)?as\s*(?:(?:not\s+)?materialized\s*)?\(|"
    r"insert\s+(?:or\s+\w+\s+|ignore\s+)?into\b|"
    rf"replace\s+into\b|update\s+(?:or\s+\w+\s+)?[\w\".`\[\]{GAP}]+\s+(?:as\s+\w+\s+|\w+\s+)?set\b|"
    rf"delete\s+from\b|merge\s+into\b",
    re.IGNORECASE | re.DOTALL,
)
_FROM = re.compile(rf"\bfrom\s+[\"`\[(]?(?P<table>[\w{GAP}.$]*)[\"`\])]?(?:\s+(?P<next>\w+))?", re.IGNORECASE)
_CATALOGUE = re.compile(r"^(information_schema|pg_|sqlite_master|sqlite_schema|sqlite_sequence|pragma_)", re.IGNORECASE)
_OTHER_SQL = re.compile(
    r"(create|alter|drop)\s+(or\s+replace\s+)?(unique\s+|temp\s+|temporary\s+|virtual\s+)?"
    r"(table|index|view|trigger|type|extension|schema|sequence|database|function)\b|pragma\s+\w+|truncate\s",
    re.IGNORECASE,
)
# "Select a tag from the list" is English: no table has such a name.
_ARTICLES = words("the a an your my our his her its their this that these those all any each")
_MOST_CHARACTERS = 20_000


_ENGLISH = re.compile(r"(?:delete\s+from|insert\s+into)\s+(\w+)(?:\s+(\w+))?", re.IGNORECASE)
_AFTER_TABLE = words(
    "where join order limit group left inner right full cross natural as union except intersect having offset for on",
    "values set select default returning using",
)


def _is_english(table: str, following: str | None) -> bool:
    """Whether “the list” stands where a table would: an article, and then no word of SQL."""
    return table.lower() in _ARTICLES and following is not None and following.lower() not in _AFTER_TABLE


def reads_or_writes_data(statement: str, method: str) -> bool:
    """Whether a text handed to `method` reads or writes rows of the program's own tables."""
    if method.lower() in _ONLY_TALKS:
        return False
    body = _body(statement)
    found = _DATA.match(body)
    if found is None:
        return False
    if method.lower() not in RUNS_SQL and not body[:4].isupper():
        return False
    selected = found["select"]
    if selected is None:
        spoken = _ENGLISH.match(body)
        return spoken is None or not _is_english(spoken[1], spoken[2])
    tables = [match["table"] for match in _FROM.finditer(selected) if not _is_english(match["table"], match["next"])]
    if not tables and _FROM.search(selected):
        return False
    if not tables:
        return GAP in selected
    return not all(_CATALOGUE.match(table) for table in tables)


def is_other_sql(statement: str) -> bool:
    """Whether a text defines, steers or probes: SQL, but no data access."""
    body = _body(statement)
    return bool(_OTHER_SQL.match(body)) or bool(re.match(r"select\b", body, re.IGNORECASE))


def _body(statement: str) -> str:
    statement = statement[:_MOST_CHARACTERS]
    lead = _LEAD.match(statement)
    return statement[lead.end() :] if lead else statement
