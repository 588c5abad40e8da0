"""A backend's own configuration of a tool is code that the tool would run: none of it is read.

Every payload below ends the tool that runs it (status 77). The controls show that it does so where a tool is run as
people run it; with our adapters all tools finish with their findings.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from evaluator.sandbox import Sandbox
from evaluator.tools import _Inspection
from evaluator.tools.base import NODE_TOOLS, PYTHON_TOOLS, Command, Place
from evaluator.tools.installed import installed_tools
from evaluator.tools.launched import Ended, Planned, run_tools
from tests.evaluator.tools.conftest import EXPRESS, Ask

pytestmark = pytest.mark.sandbox

PAYLOAD = b"import os; os._exit(77)\n"
SOURCE = b"def f():\n    db.execute('SELECT a FROM b WHERE c = NULL')\n    return missing\n"
HOSTILE = {
    "app.py": SOURCE,
    "sitecustomize.py": PAYLOAD,
    "usercustomize.py": PAYLOAD,
    "conftest.py": PAYLOAD,
    "payload.py": PAYLOAD,
    "pylintrc": b"[MAIN]\ninit-hook='import os; os._exit(77)'\nload-plugins=payload\n",
    ".pylintrc": b"[MAIN]\ninit-hook='import os; os._exit(77)'\n",
    "mypy.ini": b"[mypy]\nplugins = payload.py\n",
    ".mypy.ini": b"[mypy]\nplugins = payload.py\n",
    "setup.cfg": b"[mypy]\nplugins = payload.py\n[sqlfluff]\nlibrary_path = .\n",
    "pyproject.toml": b"[tool.pylint.main]\ninit-hook='import os; os._exit(77)'\n[tool.mypy]\nplugins=['payload.py']\n"
    b"[tool.ruff.lint]\nselect=[]\n[tool.sqlfluff.core]\ntemplater='python'\n",
    "ruff.toml": b"exclude = ['*']\n",
    ".bandit": b"[bandit]\nskips: B105\nexclude: /app\n",
    ".sqlfluff": b"[sqlfluff]\nexclude_rules = all\nlibrary_path = .\n",
    # names that pylint and mypy import themselves
    "tomllib.py": PAYLOAD,
    "astroid.py": PAYLOAD,
    "colorsys.py": PAYLOAD,
}
SCRIPT = b"process.exit(77);\n"
HOSTILE_NODE = {
    "package.json": b'{"type": "commonjs", "eslintConfig": {"root": true, "rules": {}}}',
    "app.js": b"missing();\n",
    "eslint.config.js": SCRIPT,
    "eslint.config.mjs": SCRIPT,
    "eslint.config.cjs": SCRIPT,
    ".eslintrc.js": SCRIPT,
    ".eslintignore": b"*\n",
    "tsconfig.json": b'{"compilerOptions": {"checkJs": false, "plugins": [{"name": "./payload.js"}]}, "files": []}',
    "payload.js": SCRIPT,
}


@pytest.fixture(autouse=True)
def everything_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tools are shown only sources; here they get the whole folder, so that this is not what protects them."""
    monkeypatch.setattr(_Inspection, "_sources", lambda inspection: dict(inspection._inspected.files))


def test_no_configuration_of_a_python_backend_is_read(ask: Ask) -> None:
    reports = ask(HOSTILE, "ruff,pylint,mypy,bandit,sqlfluff")
    assert {name: report.state for name, report in reports.items()} == dict.fromkeys(reports, "finished")
    assert any(found.rule == "F821" for found in reports["ruff"].findings)
    assert any(found.rule.startswith("E0602") for found in reports["pylint"].findings)
    assert any(found.rule == "name-defined" for found in reports["mypy"].findings)
    assert any(found.rule == "CV05" for found in reports["sqlfluff"].findings)


def test_no_configuration_of_a_node_backend_is_read(ask: Ask) -> None:
    reports = ask(HOSTILE_NODE, "eslint,tsc", EXPRESS)
    assert [found.rule for found in reports["eslint"].findings if found.path == "app.js"] == ["no-undef"]
    assert [found.rule for found in reports["tsc"].findings if found.path == "app.js"] == ["TS2304"]


@pytest.mark.parametrize(
    ("kept", "argv"),
    [
        ("pylintrc payload.py", ("-m", "pylint", "app.py")),
        ("pyproject.toml payload.py", ("-m", "pylint", "app.py")),
        ("mypy.ini payload.py", ("-m", "mypy", "app.py")),
        ("tomllib.py", ("-m", "mypy", "app.py")),
    ],
)
def test_the_payloads_have_teeth_in_python(sandbox: Sandbox, kept: str, argv: tuple[str, ...]) -> None:
    files = {name: content for name, content in HOSTILE.items() if name in ("app.py", *kept.split())}
    assert bare(sandbox, Place.PYTHON_TOOLS, (f"{PYTHON_TOOLS}/bin/python", *argv), files).printed.status == 77


def test_the_payloads_have_teeth_in_node(sandbox: Sandbox) -> None:
    files = {name: content for name, content in HOSTILE_NODE.items() if name in ("app.js", "eslint.config.js")}
    argv = ("node", f"{NODE_TOOLS}/node_modules/eslint/bin/eslint.js", "app.js")
    assert bare(sandbox, Place.NODE_TOOLS, argv, files).printed.status == 77


def bare(sandbox: Sandbox, place: Place, argv: tuple[str, ...], files: Mapping[str, bytes]) -> Ended:
    """A tool as people run it: without our options, in the folder of the backend."""
    installed = installed_tools(place, sandbox)
    python = (f"{PYTHON_TOOLS}/bin/python", "-I", "-B")
    environment = {"PATH": installed.path, "HOME": "/tmp"}
    planned = [Planned("bare", Command(argv), 60)]
    return run_tools(planned, files, python, environment, installed.mounts, sandbox)["bare"]
