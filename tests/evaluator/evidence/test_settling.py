"""What the text says and what the run showed, put together: who wins, and what is said only once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluator.evidence.gathering import Evidence, successful_writes
from evaluator.evidence.places import Places
from evaluator.evidence.settling import settled
from evaluator.evidence.tables import ForeignKey, StoredTables, Table, printable
from evaluator.sandbox.base import SentStatements
from evaluator.tasks import OFFERED_CONSTRAINTS
from evaluator.verdict import Certainty, CheckResult, Conformance, Exchange, Finding
from evaluator.verifiers import conformance

POSTGRES, SQLITE = OFFERED_CONSTRAINTS["postgres"], OFFERED_CONSTRAINTS["sqlite"]
SQLALCHEMY, SEQUELIZE = OFFERED_CONSTRAINTS["sqlalchemy"], OFFERED_CONSTRAINTS["sequelize"]
KEYS = OFFERED_CONSTRAINTS["keys"]
FULL = StoredTables("postgres", (Table("users", 30), Table("articles", 12)), complete=True)
EMPTY = StoredTables("postgres", (Table("users", 0), Table("articles", 0), Table("alembic_version", 1)), complete=True)
BY_SQLALCHEMY = "SELECT users.id, users.email \nFROM users \nWHERE users.id = 0"
BY_SEQUELIZE = 'SELECT "id", "email" FROM "users" AS "User" WHERE "User"."id" = 0;'
BY_HAND = "SELECT id, email FROM users WHERE id = 0"
UNDER_WAY = Evidence(writes=30, postgres=FULL, files_complete=True)


def text(constraint: str, rule: str, certainty: Certainty, path: str = "") -> Finding:
    kind = OFFERED_CONSTRAINTS[constraint].kind
    return Finding(kind, constraint, rule, path, 1 if path else 0, "It is so.", certainty)


def after(evidence: Evidence, constraint: str, *findings: Finding) -> tuple[list[tuple[str, str, str]], Conformance]:
    """Rule, certainty and where it was seen of each finding after the run, and the state."""
    before = (findings, {constraint: conformance(findings)})
    found, states = settled(before, evidence, [OFFERED_CONSTRAINTS[constraint]], {})
    return [(one.rule, one.certainty, one.seen) for one in found], states[constraint]


def sent(*texts: str, complete: bool = True) -> Evidence:
    return replace(UNDER_WAY, sent=SentStatements(texts, complete))


# Where the data are


def test_a_run_that_agrees_with_the_text_says_nothing() -> None:
    assert after(UNDER_WAY, "postgres") == ([], "conforming")


def test_a_demanded_database_without_a_row_is_a_breach_and_bookkeeping_is_no_row() -> None:
    assert after(replace(UNDER_WAY, postgres=EMPTY), "postgres") == ([("D3", "certain", "run")], "violated")


def test_nothing_follows_from_an_empty_database_where_nothing_was_written() -> None:
    assert after(replace(UNDER_WAY, postgres=EMPTY, writes=0), "postgres") == ([], "conforming")


def test_nothing_follows_from_what_could_not_be_read() -> None:
    locked = StoredTables("postgres", (Table("users", None),), complete=False)
    for unknown in (None, locked):
        assert after(replace(UNDER_WAY, postgres=unknown), "postgres") == ([], "conforming")
    for unknown_files in (replace(UNDER_WAY, files_complete=False),):
        assert after(unknown_files, "sqlite") == ([], "conforming")


def test_a_few_rows_for_many_writes_are_for_a_person() -> None:
    few = replace(UNDER_WAY, postgres=StoredTables("postgres", (Table("state", 1),), complete=True))
    assert after(few, "postgres") == ([("D3", "uncertain", "run")], "uncertain")


def test_an_empty_database_is_said_once_where_the_text_is_certain_already() -> None:
    empty = replace(UNDER_WAY, postgres=EMPTY)
    assert after(empty, "postgres", text("postgres", "D1", "certain"))[0] == [("D1", "certain", "text")]


def test_rows_settle_the_doubt_whether_the_database_is_opened() -> None:
    assert after(UNDER_WAY, "postgres", text("postgres", "D1", "uncertain", "db.py")) == ([], "conforming")


def test_rows_do_not_settle_whether_another_database_can_be_reached() -> None:
    doubt = text("postgres", "D2", "uncertain", "db.py")
    assert after(UNDER_WAY, "postgres", doubt) == ([("D2", "uncertain", "text")], "uncertain")


def test_rows_in_another_database_settle_that_doubt_as_a_breach() -> None:
    file = StoredTables("sqlite", (Table("users", 3),), complete=True, path="app/shadow.db")
    doubt = text("postgres", "D2", "uncertain", "db.py")
    found, state = after(replace(UNDER_WAY, files=(file,)), "postgres", doubt)
    assert ("D4", "certain", "run") in found
    assert state == "violated"


def test_what_a_framework_keeps_for_itself_in_sqlite_is_no_other_database() -> None:
    tables = (Table("django_migrations", 18), Table("auth_permission", 20), Table("django_session", 4))
    file = StoredTables("sqlite", tables, complete=True, path="app/db.sqlite3")
    assert after(replace(UNDER_WAY, files=(file,)), "postgres") == ([], "conforming")


def test_sqlite_that_left_no_file_was_kept_in_memory() -> None:
    assert after(replace(UNDER_WAY, postgres=None), "sqlite") == ([("D3", "certain", "run")], "violated")


# Who made the SQL


@pytest.mark.parametrize(("orm", "made"), [("sqlalchemy", BY_SQLALCHEMY), ("sequelize", BY_SEQUELIZE)])
def test_sql_that_the_demanded_orm_makes_says_nothing(orm: str, made: str) -> None:
    catalogue = "SELECT table_name FROM information_schema.tables WHERE table_schema = '?'"
    steering = ("BEGIN", "SELECT 0", "CREATE TABLE users (id int)", "INSERT INTO alembic_version VALUES ('?')")
    assert after(sent(made, catalogue, *steering), orm) == ([], "conforming")


@pytest.mark.parametrize("orm", ["sqlalchemy", "sequelize"])
def test_sql_that_only_a_hand_writes_is_a_breach(orm: str) -> None:
    assert after(sent(BY_HAND), orm) == ([("O3", "certain", "run")], "violated")


@pytest.mark.parametrize(("orm", "made"), [("sqlalchemy", BY_SQLALCHEMY), ("sequelize", BY_SEQUELIZE)])
def test_sql_of_a_hand_beside_that_of_the_orm_is_for_a_person(orm: str, made: str) -> None:
    assert after(sent(made, BY_HAND), orm) == ([("O3", "uncertain", "run")], "uncertain")
    assert after(sent(BY_HAND, complete=False), orm) == ([("O3", "uncertain", "run")], "uncertain")


def test_written_sql_is_said_once_where_the_text_is_certain_already() -> None:
    found, _ = after(sent(BY_HAND), "sqlalchemy", text("sqlalchemy", "O2", "certain", "db.py"))
    assert found == [("O2", "certain", "text")]


@pytest.mark.parametrize(
    "either",
    [
        "INSERT INTO users (email) VALUES ('?') RETURNING users.id",
        "UPDATE users SET email='?' WHERE users.id = 0",
        "DELETE FROM favorites WHERE favorites.user_id = 0",
        "INSERT INTO users (email) SELECT p0::VARCHAR FROM (VALUES ('?', 0)) AS imp_sen(p0, sen_counter)",
        "SELECT count(*) AS count_0 \nFROM (SELECT users.id AS id \nFROM users) AS anon_0",
    ],
)
def test_what_sqlalchemy_may_have_made_is_nobodys(either: str) -> None:
    assert after(sent(either), "sqlalchemy") == ([], "conforming")


def test_sql_of_the_orm_settles_the_doubt_of_an_unread_file() -> None:
    doubt = text("sqlalchemy", "O1", "uncertain")
    assert after(sent(BY_SQLALCHEMY), "sqlalchemy", doubt) == ([], "conforming")
    named = text("sqlalchemy", "O1", "uncertain", "models.py")  # SQLModel: not a doubt about what is sent
    assert after(sent(BY_SQLALCHEMY), "sqlalchemy", named)[1] == "uncertain"


def test_nothing_is_said_of_sql_that_nobody_saw() -> None:
    assert after(UNDER_WAY, "sqlalchemy") == ([], "conforming")


# The real schema


def with_tables(*tables: Table) -> Evidence:
    return replace(UNDER_WAY, postgres=StoredTables("postgres", tables, complete=True))


USERS = Table("users", 3, ("id", "email", "username"), (), (("id",), ("email",), ("username",)))


def test_the_real_schema_settles_every_doubt_of_the_text() -> None:
    doubts = (text("keys", "K1", "uncertain", "db.py"), text("keys", "K2", "uncertain", "db.py"))
    assert after(with_tables(USERS), "keys", *doubts) == ([], "conforming")
    unread = replace(UNDER_WAY, postgres=None, has_postgres=True)
    assert after(unread, "keys", *doubts)[1] == "uncertain"


def test_a_run_that_left_no_table_at_all_has_no_keys() -> None:
    nothing = replace(UNDER_WAY, postgres=None)
    assert after(nothing, "keys", text("keys", "K1", "uncertain"))[0] == [("K1", "certain", "run")]
    in_memory = text("keys", "K1", "uncertain", "models.py")  # the text shows tables, as with SQLite's :memory:
    assert after(nothing, "keys", in_memory)[1] == "uncertain"
    assert after(nothing, "keys")[1] == "conforming"
    for unknown in (
        replace(nothing, writes=0),
        replace(nothing, files_complete=False),
        replace(nothing, has_postgres=True),
    ):
        assert after(unknown, "keys", text("keys", "K1", "uncertain"))[1] == "uncertain"


def test_columns_named_for_another_table_must_be_foreign_keys() -> None:
    articles = Table("articles", 3, ("id", "author_id", "slug"), (), (("id",), ("slug",)))
    assert after(with_tables(USERS, articles), "keys") == ([("K1", "certain", "run")], "violated")
    held = replace(articles, foreign=(ForeignKey(("author_id",), "users"),))
    assert after(with_tables(USERS, held), "keys") == ([], "conforming")


def test_a_column_named_like_a_key_of_nothing_we_know_is_no_finding() -> None:
    paid = Table("payments", 3, ("id", "stripe_id", "request_uuid"), (), (("id",),))
    assert after(with_tables(USERS, paid), "keys") == ([], "conforming")


def test_addresses_and_slugs_must_be_unique_and_links_only_once() -> None:
    loose = replace(USERS, unique=(("id",),))
    assert after(with_tables(loose), "keys") == ([("K2", "certain", "run")] * 2, "violated")
    foreign = (ForeignKey(("user_id",), "users"), ForeignKey(("article_id",), "articles"))
    articles = Table("articles", 3, ("id", "slug"), (), (("id",), ("slug",)))
    links = Table("favorites", 3, ("id", "user_id", "article_id", "created_at"), foreign, (("id",),))
    assert after(with_tables(USERS, articles, links), "keys")[0] == [("K2", "certain", "run")]
    once = replace(links, unique=(("article_id", "user_id"),))
    assert after(with_tables(USERS, articles, once), "keys")[0] == []


# Migrations


def test_an_account_of_applied_migrations_settles_whether_they_are_applied() -> None:
    users = Table("users", 3)
    doubt = text("migrations", "M2", "certain", "alembic/versions/1.py")
    assert after(with_tables(users, Table("alembic_version", 1)), "migrations", doubt) == ([], "conforming")
    assert after(with_tables(users), "migrations") == ([("M2", "uncertain", "run")], "uncertain")
    none = text("migrations", "M1", "certain")
    assert after(with_tables(users), "migrations", none)[0] == [("M1", "certain", "text")]
    assert after(with_tables(), "migrations") == ([], "conforming")


def test_hostile_names_stay_one_printable_line() -> None:
    hostile = Table("users", 3, ("id", "email", "x\x1b[2J\n\u202e" + "y" * 500 + "_id"), (), (("id",),))
    findings, _ = settled(((), {"keys": "conforming"}), with_tables(hostile), [KEYS], {})
    for finding in findings:
        assert finding.message.isprintable()
        assert len(finding.message) < 400
    assert printable("\x1b[31mred\x07") == "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"


# Where it stands


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ('\n__tablename__ = "articles"', 2),
        ("\n\ncreate table if not exists public.articles (id int)", 3),
        ("class Article(models.Model):", 1),
        ("db.define('Article', {})", 1),
        ("await queryInterface.createTable('articles', {})", 1),
    ],
)
def test_a_finding_of_the_schema_opens_where_the_table_is_declared(declared: str, line: int) -> None:
    articles = Table("articles", 3, ("id", "author_id"), (), (("id",),))
    files = {"db.py": declared.encode(), "tests/db.py": b"create table articles", "logo.png": b"class Article"}
    found, _ = settled(((), {"keys": "conforming"}), with_tables(USERS, articles), [KEYS], files)
    assert [(one.path, one.line) for one in found] == [("db.py", line)]


def test_sql_of_a_hand_opens_where_it_is_written() -> None:
    files = {"a.py": b"x = 1", "db.py": b'q = """\nSELECT id,\n  email\nFROM users WHERE id = %s"""'}
    found, _ = settled(((), {"sqlalchemy": "conforming"}), sent(BY_HAND), [SQLALCHEMY], files)
    assert [(one.path, one.line) for one in found] == [("db.py", 2)]


def test_a_table_that_is_declared_nowhere_has_no_place() -> None:
    places = Places({"a.py": b"\xff\x00", "b.js": b"x" * 2_000_000})
    assert places.of_table("x" * 1000) == places.of_file("tmp/y.db") == places.of_statement("") == ("", 0)


# What counts as written


def check(outcome: str, method: str, path: str, status: int | None) -> CheckResult:
    exchange = Exchange(method, path, {}, None, status, {}, "", 0.0)
    return CheckResult("id", "title", "operation", "openapi", outcome, exchange=exchange)  # type: ignore[arg-type]


def test_only_successful_requests_to_write_in_passed_checks_count() -> None:
    counted = [check("passed", "POST", "/api/users", 201), check("passed", "PUT", "/api/user", 200)]
    left_out = [
        check("failed", "POST", "/api/users", 201),
        check("passed", "POST", "/api/users", 422),
        check("passed", "GET", "/api/user", 200),
        check("passed", "POST", "/api/users/login", 200),
        check("passed", "POST", "/api/articles", None),
    ]
    assert successful_writes([*counted, *left_out]) == 2
