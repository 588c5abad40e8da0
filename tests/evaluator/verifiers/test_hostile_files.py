"""A backend is foreign text: whatever it holds, a verifier neither raises nor hangs, and says what it did not read."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from evaluator.tasks import CONSTRAINTS, FURTHER_CONSTRAINTS
from evaluator.verdict import Conformance, Finding
from evaluator.verifiers import verify_constraints

ALL = (
    CONSTRAINTS["clean_architecture"],
    CONSTRAINTS["postgres"],
    CONSTRAINTS["sqlalchemy"],
    *FURTHER_CONSTRAINTS.values(),
)
LIMIT_SECONDS = 10.0  # of CPU, as the machine may be busy

HOSTILE = {
    "latin-1 bytes": {"a.py": "NAME = 'é'\n".encode("latin-1"), "b.js": "const n = 'é';\n".encode("latin-1")},
    "NUL bytes": {"a.py": b"x = 1\x00\n", "b.js": b"const x = 1;\x00\nimport './a';\n"},
    "5,000 nested parentheses": {"a.py": b"x = " + b"(" * 5_000 + b")" * 5_000, "b.ts": b"(" * 5_000 + b")" * 5_000},
    "a chain of 5,000 calls": {"a.py": b"x = a" + b".b()" * 5_000, "b.js": b"x = a" + b".b()" * 5_000},
    "a sum of 20,000 terms": {"a.py": b"x = 1" + b" + 1" * 20_000, "b.js": b"x = 1" + b" + '1'" * 20_000},
    "3,000 nested blocks": {"b.js": b"if (a) {" * 3_000 + b"}" * 3_000},
    "unclosed everything": {"a.py": b"class A(\n'''", "b.js": b"`${`${" * 3_000, "c.ts": b"export default <T,"},
    "names that lead in circles": {
        "a.py": b"from b import x\ny = x\n",
        "b.py": b"from a import y\nx = y\nimport sqlalchemy\ne = sqlalchemy.create_engine(x)\n",
        "c.js": b"export * from './d.js';\nimport { q } from './d.js';\nexport const r = q;\nq.define('a', {});\n",
        "d.js": b"export * from './c.js';\nimport { r } from './c';\nexport const q = r;\nexport { z } from './c';\n",
    },
    "a name given a value by itself": {"a.py": b"url = url + url\nimport sqlite3\nsqlite3.connect(url)\n" * 300},
    "a class that is its own base": {"a.py": b"class A(B): pass\nclass B(A): pass\n"},
    "names outside ASCII": {"src/routes/é ü.py": b"import src.models.x\n", "src/models/日本.py": b"x = 1\n"},
    "settings that are no settings": {
        "package.json": b"[" * 50_000,
        "tsconfig.json": b"/*" * 100_000,
        "run.sh": b"'" * 50_001,
        "requirements.txt": b"\xff\xfe",
        "a.ts": b"import '@/x';\nimport '#y';\n",
    },
    "aliases that lead in circles": {
        "package.json": b'{"imports": {"#a/*": "#a/*", "#*": ["#*", {"node": "./*"}]}}',
        "a.js": b"import '#a/b'; import '#b';\n",
    },
    "climbing names": {"a/b.js": b"import '../../../../etc/passwd';\n", "c.py": b"from ..... import x\n"},
    "UTF-16 with its mark": {"a.py": "import os\n".encode("utf-16"), "b.js": "import './a'".encode("utf-16")},
    "encodings that are none": {"a.py": b"# coding: foo-bar\nx = 1\n", "b.py": b"# coding: idna\nx = 1\n"},
    "lone surrogates": {"a.py": b"import sqlite3\nsqlite3.connect('\\ud800').execute('\\ud800 select * from x')\n"},
    "lines that end in CR only": {"a.py": b"import os\rimport src.routes.x\r", "src/routes/x.py": b"x = 1\r\n"},
    "folders named like files": {"a.py/b.js": b"import '../a.py/c';", "a.py/c.js": b"x", "index.js/index.js": b"x"},
    "names that are no names": {
        "": b"x",
        ".py": b"import x",
        "/.py": b"",
        "a//b.py": b"from .. import x",
        "./c.js": b"x",
    },
    "dots without end": {
        "a.py": b"from " + b"." * 5_000 + b" import x\n",
        "b.js": b"import '" + b"../" * 5_000 + b"x'",
    },
    "awaits, nots and lambdas": {
        "a.js": b"x = " + b"await " * 3_000 + b"1",
        "b.js": b"if (" + b"!" * 5_000 + b"a) { x() }",
        "c.py": b"x = " + b"lambda: " * 2_000 + b"1\n",
        "d.py": b"x = a if " + b"not " * 3_000 + b"a else b\n",
    },
    "conditions without end": {"a.py": b"if a: pass\n" + b"elif b: pass\n" * 5_000, "b.js": b"if (a) {} else " * 5_000},
    "nothing at all": {},
    "empty files": {"a.py": b"", "b.js": b"", "run.sh": b""},
}


def verify(files: Mapping[str, bytes]) -> tuple[tuple[Finding, ...], dict[str, Conformance]]:
    begun = time.process_time()
    verified = verify_constraints(files, ALL)
    assert time.process_time() - begun < LIMIT_SECONDS
    return verified


@pytest.mark.parametrize("files", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_file_makes_a_verifier_raise_or_hang(files: Mapping[str, bytes]) -> None:
    verify(files)


def test_ten_megabytes_of_minified_code_are_named_and_not_read() -> None:
    findings, _ = verify({"bundle.js": b"import './routes/x';" * 500_000, "small.js": b"x=1;" * 10_000})

    unread = {finding.path: finding for finding in findings if finding.rule == "unread"}
    assert unread.keys() == {"bundle.js", "small.js"}
    assert "larger than 1 MB" in unread["bundle.js"].message
    assert "minified" in unread["small.js"].message
    assert {finding.certainty for finding in unread.values()} == {"uncertain"}


def test_a_megabyte_of_broken_code_is_read_in_seconds() -> None:
    lines = b"const a = {{{ ((( [[[ `${ function => class\n" * 22_000
    verify({"a.js": lines, "b.ts": lines[:900_000], "c.py": lines})


def test_five_thousand_files_are_read_in_seconds() -> None:
    files = {f"src/services/s{n}.py": f"from src.services.s{n + 1} import x\nx = 1\n".encode() for n in range(5_000)}
    verify(files | {"run.sh": b"python main.py\n" * 1_000})


def test_what_is_missing_is_only_uncertain_while_a_file_is_unread() -> None:
    _, states = verify({"app.py": b"def broken(:\n"})

    no_files_at_all = {"migrations": "violated"}  # is told by the names of files, which are all there
    assert states == dict.fromkeys((constraint.value for constraint in ALL), "uncertain") | no_files_at_all


def test_a_broken_javascript_file_is_still_read_where_it_is_sound() -> None:
    files = {"db.js": b"const { Pool } = require('pg');\nnew Pool({});\nconst = ;\n"}

    findings, states = verify_constraints(files, [CONSTRAINTS["postgres"]])

    assert [(finding.rule, finding.line) for finding in findings] == [("unread", 3)]
    assert states == {"postgres": "uncertain"}


def test_files_of_assets_and_locks_are_left_out_in_silence() -> None:
    files = {"public/app.min.js": b"x" * 2_000_000, "node_modules/pg/index.js": b"(", "package-lock.json": b"{"}

    findings, _ = verify(files)

    assert "unread" not in {finding.rule for finding in findings}
