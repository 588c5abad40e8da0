"""A contract is one folder, found by its name or its path; what is wrong with it is said in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluator.__main__ import main
from evaluator.contract import catalogue, contract_named, known_packs, not_started, pack_named
from evaluator.errors import BadInput
from evaluator.tasks import OFFERED_CONSTRAINTS, task_by_id
from tests.evaluator.contract.small_contracts import asking, collection_of

MANIFEST = """
title = "Things"
base = "/v1"
health = "/v1/alive"
[collection]
file = "things.json"
base_variable = "base"
"""
THINGS = collection_of(asking("List", "GET", "/things", "pm.test('is 200', f); pm.test('is a list', f);"))


def pack(folder: Path, manifest: str = MANIFEST, **files: bytes) -> str:
    """A pack in a folder; the names of the files lose their double underscore for a dot."""
    folder.mkdir(exist_ok=True)
    (folder / "pack.toml").write_text(manifest)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    return str(folder)


def test_a_folder_with_a_collection_is_a_contract(tmp_path: Path) -> None:
    name = pack(tmp_path / "things", things__json=THINGS)
    ids = [check.id for check in catalogue(name)]
    assert ids == ["server.starts", "list.is-200", "list.is-a-list", "server.answers"]
    assert {check.operation for check in catalogue(name)} == {"GET /alive", "GET /things"}
    assert pack_named(name).health == "/v1/alive"


def test_a_folder_with_a_document_is_a_contract(tmp_path: Path) -> None:
    manifest = MANIFEST.split("[collection]")[0] + '[document]\nfile = "openapi.json"\n'
    document = {"openapi": "3.1.0", "paths": {"/things": {"get": {"responses": {"200": {"description": "x"}}}}}}
    name = pack(tmp_path / "things", manifest, openapi__json=json.dumps(document).encode())
    ids = [check.id for check in catalogue(name)]
    assert "get.things.status-code-conformance" in ids


def test_a_backend_that_does_not_start_has_a_result_for_every_check_of_any_contract(tmp_path: Path) -> None:
    for name in (*known_packs(), pack(tmp_path / "things", things__json=THINGS)):
        results = not_started("run.sh ended with status 1", task_contract=name)
        assert [result.id for result in results] == [check.id for check in catalogue(name)]
        assert [result.id for result in results if result.outcome == "failed"] == ["server.starts"]


def test_an_unknown_name_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match="known: conduit"):
        pack_named("../conduit")
    assert main(["against", "http://127.0.0.1:1", "--contract", "no-such"]) == 2
    assert "There is no contract “no-such”; known: conduit" in capsys.readouterr().err


def test_checks_in_python_are_taken_from_the_package_only(tmp_path: Path) -> None:
    """They would run outside the sandbox, with every right of the evaluator."""
    manifest = MANIFEST.split("[collection]")[0] + "[checks]\n"
    name = pack(tmp_path / "things", manifest, __init____py=b"raise SystemExit('it ran')")
    with pytest.raises(BadInput, match="outside the sandbox"):
        pack_named(name)


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("title =", "cannot be read"),
        (MANIFEST.replace('title = "Things"', ""), "must say title"),
        (MANIFEST.replace("/v1/alive", "v1/alive"), "health must be a path"),
        (MANIFEST + '[document]\nfile = "x"', "exactly one of"),
        (MANIFEST.split("[collection]")[0], "exactly one of"),
        ("colour = 1\n" + MANIFEST, "a field that no pack has: colour"),
        (MANIFEST.replace("things.json", "../things.json"), "must be a file in the folder"),
        (MANIFEST.replace("things.json", "/etc/passwd"), "must be a file in the folder"),
        (MANIFEST.replace("things.json", "link.json"), "cannot be read"),
        (MANIFEST.replace("things.json", "missing.json"), "cannot be read"),
        (MANIFEST.replace('base_variable = "base"', ""), "[collection] must say base_variable"),
        (MANIFEST + "variables = { a = 1 }", "variables must be a table of texts"),
    ],
)
def test_what_is_wrong_with_a_pack_is_one_sentence(tmp_path: Path, manifest: str, told: str) -> None:
    name = pack(tmp_path / "things", manifest, things__json=THINGS)
    (tmp_path / "things" / "link.json").symlink_to("/etc/passwd")
    with pytest.raises(BadInput) as error:
        catalogue(name)
    assert told in str(error.value)


def test_every_contract_of_ours_says_what_every_constraint_demands() -> None:
    for name in known_packs():
        said = pack_named(name).demands
        assert OFFERED_CONSTRAINTS.keys() <= said.keys()


def test_the_demands_of_a_task_are_those_of_its_contract() -> None:
    task = task_by_id("uv-flask-openapi-clean_architecture-postgres")
    assert task.title == "Conduit on Flask"
    assert [demand.constraint.value for demand in task.demands] == ["clean_architecture", "postgres"]
    assert "“conduit”" in task.demands[1].text


def test_only_a_contract_with_checks_of_ours_has_an_engine(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="but a collection"):
        contract_named(pack(tmp_path / "things", things__json=THINGS))


def test_the_contracts_are_listed_with_their_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(known_packs())
    assert main(["contracts", pack(tmp_path / "things", things__json=THINGS)]) == 0
    assert "4 checks over 2 operations, from a Postman collection" in capsys.readouterr().out
