"""Each real tool finds what is wrong in a tiny project, at its place in the file as an editor counts."""

from __future__ import annotations

import pytest

from evaluator.verdict import ToolReport
from tests.evaluator.tools.conftest import EXPRESS, Ask

pytestmark = pytest.mark.sandbox

# Behind the smiling face, which is two UTF-16 code units and four bytes, columns differ by what a tool counts in.
PYTHON = """\
import hashlib, sqlite3

def greet(name, times):
    return ("😀", missing, hashlib.md5(name))

class Store:
    def all(self, db: sqlite3.Connection) -> int:
        rows = db.execute('''SELECT id
            FROM users WHERE name = NULL''')
        greet("a")
        return rows.nothing
"""
JAVASCRIPT = """\
const { a } = require("./gone");
async function f(x) { const s = "😀"; return missing + a; }
module.exports = { f, g: (y) => { y === y; } };
"""
TYPESCRIPT = """\
export function twice(n: number): number { return n * 2; }
const s: string = "😀"; twice("a");
"""


def places(report: ToolReport) -> set[tuple[str, int, int]]:
    """Rules (their first word) with line and column."""
    assert report.state == "finished", report
    return {(found.rule.split()[0], found.line, found.column) for found in report.findings}


@pytest.fixture
def python(ask: Ask) -> dict[str, ToolReport]:
    return ask({"app.py": PYTHON.encode()}, "ruff,pylint,mypy,bandit,sqlfluff")


def test_python_tools_find_what_is_known_at_its_place(python: dict[str, ToolReport]) -> None:
    assert ("F821", 4, 19) in places(python["ruff"])
    assert {("E0602", 4, 19), ("E1120", 10, 9)} <= places(python["pylint"])
    assert {("name-defined", 4, 0), ("call-arg", 10, 9), ("attr-defined", 11, 16)} <= places(python["mypy"])
    assert ("B324", 4, 28) in places(python["bandit"])
    assert ("CV05", 9, 35) in places(python["sqlfluff"])


def test_imports_start_where_most_of_them_resolve(ask: Ask) -> None:
    files = {
        "requirements.txt": b"",
        "src/shop/__init__.py": b"",
        "src/shop/store.py": b"def add(item: int) -> int:\n    return item\n",
        "src/shop/app.py": b"from shop.store import add\nimport nowhere\n\nadd()\nadd('x')\n",
    }
    reports = ask(files, "pylint,mypy")
    assert {("E0401", 2), ("E1120", 4)} == {place[:2] for place in places(reports["pylint"])}
    assert {("call-arg", 4), ("arg-type", 5)} == {place[:2] for place in places(reports["mypy"])}


def test_a_report_names_version_and_seconds(python: dict[str, ToolReport]) -> None:
    for report in python.values():
        assert report.version
        assert report.seconds > 0


def test_node_tools_find_what_is_known_at_its_place(ask: Ask) -> None:
    files = {"app.cjs": JAVASCRIPT.encode(), "twice.ts": TYPESCRIPT.encode()}
    reports = ask(files, "eslint,tsc", EXPRESS)
    assert {("no-undef", 2, 46), ("no-self-compare", 3, 35)} <= places(reports["eslint"])
    assert {("TS2304", 2, 46), ("TS2307", 1, 23), ("TS2345", 2, 31)} <= places(reports["tsc"])
    assert {found.path for found in reports["eslint"].findings} == {"app.cjs"}


def test_a_tool_without_files_says_why_it_does_nothing(ask: Ask) -> None:
    reports = ask({"notes.txt": b"nothing"}, "all")
    assert {report.state for report in reports.values()} == {"not-applicable"}
    assert reports["eslint"].message == "no JavaScript files"
    assert reports["django-check"].message == "no Django is installed"


def test_a_comment_of_the_backend_silences_nothing(ask: Ask) -> None:
    reports = ask(
        {"a.py": b"# ruff: noqa\nprint(missing)  # noqa\n", "b.js": b"/* eslint-disable */\nmissing();\n"},
        "ruff,eslint",
    )
    assert len(reports["ruff"].findings) == 1
    assert len(reports["eslint"].findings) == 1


DJANGO = {
    "requirements.txt": b"django==5.2.19\n",
    "manage.py": b"import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_settings')\n",
    "site_settings.py": b"SECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\nDATABASES = {}\n"
    b"DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n",
    "shop/__init__.py": b"",
    "shop/migrations/__init__.py": b"",
    "shop/models.py": b"from django.db import models\n\nprint('noise')\n\nclass Item(models.Model):\n"
    b"    name = models.CharField()\n    other = models.ForeignKey('Item', on_delete=models.SET_NULL)\n",
}


def test_django_is_asked_inside_the_sandbox(ask: Ask) -> None:
    reports = ask(DJANGO, "django-check,django-migrations")
    checked = reports["django-check"]
    assert ("fields.E320", 5, 0) in places(checked)
    assert {found.path for found in checked.findings} == {"shop/models.py"}
    migrations = reports["django-migrations"]
    assert places(migrations) == {("makemigrations", 0, 0)}
    assert "Create model Item" in migrations.findings[0].message


MODELS = b"""\
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)

class Article(Base):
    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[str] = mapped_column(String(10), ForeignKey("users.id"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"))
    author = relationship("Usr")
"""


def test_sqlalchemy_mappers_and_foreign_keys_are_followed_inside_the_sandbox(ask: Ask) -> None:
    files = {
        "requirements.txt": b"sqlalchemy==2.0.44\n",
        "src/shop/models.py": MODELS,
        "src/main.py": b"import shop.models\n",
    }
    report = ask(files, "sqlalchemy")["sqlalchemy"]
    assert places(report) == {("configure_mappers", 11, 0), ("foreign-key", 11, 0), ("foreign-key-type", 11, 0)}
    assert {found.path for found in report.findings} == {"src/shop/models.py"}


def test_a_module_that_cannot_be_imported_is_a_finding_where_it_fails(ask: Ask) -> None:
    files = {
        "requirements.txt": b"sqlalchemy==2.0.44\n",
        "models.py": b"from sqlalchemy.orm import DeclarativeBase\nimport gone\n",
    }
    report = ask(files, "sqlalchemy")["sqlalchemy"]
    (found,) = report.findings
    assert (found.path, found.line, found.rule) == ("models.py", 2, "import")
