"""Backends are judged by any contract: `run` in a sandbox, `against` a server, by a name or by a folder.

Why: base path, health check, database name, title and checks once were Conduit's, written down in seven places.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import evaluator
from evaluator.__main__ import main
from evaluator.contract import catalogue, known_packs
from evaluator.errors import MachineryFailed
from evaluator.evaluate import evaluate
from evaluator.files import write_tree
from evaluator.newman import installed_newman
from evaluator.tasks import task_by_id, under_contract
from tests.conftest import lacking
from tests.evaluator.contract import todos_reference
from tests.evaluator.contract.serving import serving
from tests.evaluator.contract.small_contracts import asking, collection_of
from tests.evaluator.contract.todos_reference import Todos

TODOS = {
    "run.sh": b"exec python3 server.py\n",
    "requirements.txt": b"",
    "server.py": Path(todos_reference.__file__).read_bytes(),
}
COLLECTION = collection_of(
    asking(
        "Write",
        "POST",
        "/todos",
        "pm.test('is 201', () => pm.response.to.have.status(201));",
        "pm.globals.set('path', pm.response.json().url.replace(/^http:..[^/]*/, ''));",
        body='{"title": "{{TITLE}}"}',
    ),
    asking(
        "Read",
        "GET",
        "{{path}}",
        "pm.test('has the title', () => pm.expect(pm.response.json().title).to.eql(pm.globals.get('TITLE')));",
    ),
)
MANIFEST = """
title = "Small todos"
base = "/"
health = "/todos"
[collection]
file = "todos.json"
base_variable = "base"
variables = { TITLE = "written by {run}" }
"""


@pytest.fixture
def pack(tmp_path: Path) -> str:
    """A contract in a folder outside the package: a collection for newman."""
    try:
        installed_newman()
    except MachineryFailed as error:
        lacking("newman", str(error))
    folder = tmp_path / "small-todos"
    folder.mkdir()
    (folder / "pack.toml").write_text(MANIFEST)
    (folder / "todos.json").write_bytes(COLLECTION)
    return str(folder)


def verdict_of(arguments: list[str], file: Path) -> tuple[int, dict[str, Any]]:
    """The exit status of a command and the verdict that it wrote."""
    status = main([*arguments, "--json", str(file)])
    document: dict[str, Any] = json.loads(file.read_text())
    return status, document


def test_a_running_server_is_judged_by_a_named_contract(tmp_path: Path) -> None:
    with serving(Todos().answer) as port:
        address = f"http://127.0.0.1:{port}"
        status, document = verdict_of(["against", address, "--contract", "todos"], tmp_path / "verdict.json")
    assert (status, document["summary"]["sound"]) == (0, True)
    assert [check["id"] for check in document["checks"]] == [check.id for check in catalogue("todos")]
    assert document["environment"]["contract"] == "todos"


def test_a_running_server_is_judged_by_a_contract_in_a_folder(pack: str, tmp_path: Path) -> None:
    with serving(Todos("titles are trimmed").answer) as port:
        address = f"http://127.0.0.1:{port}"
        status, document = verdict_of(["against", address, "--contract", pack], tmp_path / "verdict.json")
    outcomes = {check["id"]: check["outcome"] for check in document["checks"]}
    assert (status, document["environment"]["contract"]) == (1, pack)
    assert [id for id, outcome in outcomes.items() if outcome == "failed"] == ["read.has-the-title"]


@pytest.mark.sandbox
@pytest.mark.usefixtures("sandbox")
def test_a_backend_is_judged_by_another_contract_than_its_tasks(tmp_path: Path) -> None:
    folder = tmp_path / "uv-flask-openapi-unconstrained"
    write_tree(TODOS, folder)
    status, document = verdict_of(["run", str(folder), "--contract", "todos"], tmp_path / "verdict.json")
    assert (status, document["summary"]["passed"]) == (0, len(catalogue("todos")))


@pytest.mark.sandbox
@pytest.mark.usefixtures("sandbox")
def test_a_batch_is_judged_by_another_contract_and_again_by_a_third(pack: str, tmp_path: Path) -> None:
    write_tree(TODOS, tmp_path / "batch" / "uv-flask-openapi-unconstrained")
    file = tmp_path / "verdicts.json"
    for contract in ("todos", pack):
        assert main(["batch", str(tmp_path / "batch"), "--contract", contract, "--json", str(file)]) == 0
        (document,) = json.loads(file.read_text())
        assert [check["id"] for check in document["checks"]] == [check.id for check in catalogue(contract)]


@pytest.mark.sandbox
def test_what_must_outlive_the_process_is_asked_for_where_a_database_is_demanded(sandbox: str) -> None:
    task = under_contract(task_by_id("uv-flask-openapi-sqlite"), "todos")
    outcomes = {check.id: check.outcome for check in evaluate(TODOS, task, sandbox=sandbox).checks}
    assert {id: outcome for id, outcome in outcomes.items() if id.startswith("restart.")} == {
        "restart.kept": "passed",
        "restart.deleted": "passed",
        "restart.writes": "passed",
    }
    forgetful = TODOS | {"server.py": TODOS["server.py"].replace(b'path="todos.db"', b'path=":memory:"')}
    outcomes = {check.id: check.outcome for check in evaluate(forgetful, task, sandbox=sandbox).checks}
    assert (outcomes["restart.kept"], outcomes["todos.read.same"]) == ("failed", "passed")


@pytest.mark.sandbox
def test_a_backend_in_the_sandbox_is_judged_by_newman(pack: str, sandbox: str) -> None:
    task = under_contract(task_by_id("uv-flask-openapi-unconstrained"), pack)
    verdict = evaluate(TODOS, task, sandbox=sandbox)
    assert task.title == "Small todos on Flask"
    assert [(check.id, check.received) for check in verdict.checks if check.outcome != "passed"] == []
    assert verdict.summary.functional


def test_nothing_outside_its_folder_knows_a_contract() -> None:
    """But for the benchmark's tasks, which name the contract they are about, and the faults seeded in its backends."""
    root = Path(evaluator.__file__).parent
    knowing = {root / "tasks.py", root / "commands" / "mutate.py"}
    for file in root.rglob("*.py"):
        folder = file.relative_to(root).parts[0]
        inside = any(file.is_relative_to(root / "contract" / name) for name in known_packs())
        if not inside and folder != "faults" and file not in knowing:
            code = file.read_text()
            assert [name for name in (*known_packs(), "/api") if f'"{name}"' in code or f"{name}/" in code] == [], file
            assert "conduit" not in code.lower(), file
