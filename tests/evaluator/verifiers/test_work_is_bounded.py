"""Files built so that following names, imports or classes multiplies: the work grows with the text and no faster.

Each of these once took minutes, or would without a bound. Counted in seconds of CPU, as the machine may be busy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest

from evaluator.files import read_tree
from evaluator.tasks import CONSTRAINTS
from evaluator.verifiers import verify_constraints
from tests.bench.corpus import DEMO
from tests.bench.structure import multiplied

DEMANDED = [CONSTRAINTS[value] for value in ("clean_architecture", "postgres", "sqlalchemy", "sequelize")]
LIMIT_SECONDS = 6.0


def names_given_each_other() -> Mapping[str, bytes]:
    given = b"url = base + other\nother = url + base\nbase = url or other\n" * 4_000
    return {"a.py": b"import sqlalchemy\n" + given + b"e = sqlalchemy.create_engine(url)\n" * 1_000}


def statements_put_together_in_circles() -> Mapping[str, bytes]:
    return {
        "a.py": b"q = q + x\nx = q + q\ncursor.execute(q + x)\n" * 2_000,
        "b.js": b"q = q + x; x = q + q;\npool.query(q + x)\n" * 2_000,
    }


def classes_that_share_bases() -> Mapping[str, bytes]:
    count = 5_000
    return {"a.py": b"".join(b"class A%d(A%d, A%d): pass\n" % (n, n + 1, n * 7 % count) for n in range(count))}


def functions_that_give_back_each_other() -> Mapping[str, bytes]:
    return {"a.py": b"def f():\n    return g()\ndef g():\n    return f()\n" * 4_000}


def modules_that_all_import_each_other() -> Mapping[str, bytes]:
    every = b"".join(b"import lib.m%d\n" % number for number in range(150))
    modules = {f"lib/m{number}.py": every for number in range(150)}
    return {**modules, "services/a.py": every, "routes/a.py": b"x = 1\n", "models/b.py": every}


def barrels_in_circles() -> Mapping[str, bytes]:
    every = b"".join(b"export * from './s%d.js';\n" % number for number in range(60))
    asking = b"import { nowhere } from './s0.js';\nnowhere.query('select * from x');\n"
    return {f"s{number}.js": every + asking for number in range(60)}


def a_dict_of_nine_thousand_lines() -> Mapping[str, bytes]:
    lines = b"".join(b"    'key%d': X['key%d'],\n" % (number, number + 1) for number in range(9_000))
    opened = b"e = sqlalchemy.create_engine(X['key1'])\n"
    return {"a.py": b"import sqlalchemy\nX = {\n" + lines + b"}\n" + opened, "b.js": b"f({\n" + lines + b"});\n"}


def an_unclosed_schema() -> Mapping[str, bytes]:
    return {"schema.prisma": b"datasource x {" * 60_000, "a.js": b"require('@prisma/client')"}


def configurations_that_extend_each_other() -> Mapping[str, bytes]:
    text = b'{"extends": ["../p%d", "../p%d/tsconfig.json"], "compilerOptions": {"paths": {"*": ["*"]}}}'
    return {
        **{f"p{number}/tsconfig.json": text % ((number + 1) % 200, number) for number in range(200)},
        "p0/a.ts": b"import 'x/y';\n" * 1_000,
    }


def ten_thousand_brackets() -> Mapping[str, bytes]:
    return {"a.py": b"x = " + b"(" * 9_000 + b")" * 9_000, "b.ts": b"x = " + b"(" * 9_000 + b"1" + b")" * 9_000}


def six_thousand_handlers_in_one_file() -> Mapping[str, bytes]:
    return {"routes/a.js": b"app.get('/x', (q, s) => s.json(db.all()));\n" * 6_000}


BUILT = (
    names_given_each_other,
    statements_put_together_in_circles,
    classes_that_share_bases,
    functions_that_give_back_each_other,
    modules_that_all_import_each_other,
    barrels_in_circles,
    a_dict_of_nine_thousand_lines,
    an_unclosed_schema,
    configurations_that_extend_each_other,
    ten_thousand_brackets,
    six_thousand_handlers_in_one_file,
)


@pytest.mark.parametrize("build", BUILT, ids=lambda build: build.__name__)
def test_the_work_grows_with_the_text_and_no_faster(build: Callable[[], Mapping[str, bytes]]) -> None:
    files = build()
    begun = time.process_time()

    _, states = verify_constraints(files, DEMANDED)

    assert time.process_time() - begun < LIMIT_SECONDS
    assert states.keys() == {constraint.value for constraint in DEMANDED}


def test_four_times_the_program_takes_about_four_times_the_work() -> None:
    backends = [read_tree(folder) for folder in sorted(DEMO.iterdir()) if folder.is_dir()]
    seconds = []
    for lines in (4_000, 16_000):
        files = multiplied(backends, lines)
        begun = time.process_time()
        verify_constraints(files, DEMANDED)
        seconds.append(time.process_time() - begun)

    assert seconds[1] / seconds[0] < 10  # squared, it would be sixteen
