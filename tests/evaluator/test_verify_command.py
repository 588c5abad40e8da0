"""`verify` reads any folder, starts nothing, and its exit status says what the constraints amount to."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evaluator.__main__ import main
from evaluator.cache import remove_tree
from evaluator.commands.verify import status_of
from evaluator.files import write_tree
from evaluator.source_tree import TreeBounds, read_sources
from evaluator.tasks import CONSTRAINTS
from evaluator.verifiers import verify_constraints

SQLITE = {
    "main.py": b"import sqlite3\nconnection = sqlite3.connect('store.db')\n"
    b"connection.execute('INSERT INTO users (name) VALUES (?)', ('a',))\n",
}
DATABASE = ("--constraint", "database=sqlite")


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    write_tree(SQLITE, tmp_path / "backend")
    return tmp_path / "backend"


def test_a_conforming_folder_needs_no_run_script_and_gives_status_0(
    backend: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(backend), *DATABASE]) == 0
    assert "database=sqlite: conforming" in capsys.readouterr().out


def test_a_violation_gives_status_1_with_rule_place_and_sentence(
    backend: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(backend), "--constraint", "database=postgres"]) == 1
    said = capsys.readouterr().out
    assert "database=postgres: VIOLATED" in said
    assert "D2  main.py:2" in said


def test_only_uncertain_findings_give_status_4(backend: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (backend / "broken.py").write_text("def (:\n")
    assert main(["verify", str(backend), *DATABASE]) == 4
    assert "unread  broken.py:1  (uncertain)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["conforming", "uncertain", "violated"], 1),
        (["uncertain", "conforming"], 4),
        (["conforming", "conforming"], 0),
    ],
)
def test_the_worst_state_decides_the_status(states: list[str], status: int) -> None:
    assert status_of(states) == status  # type: ignore[arg-type]


def test_the_json_holds_conformance_and_findings_as_a_verdict_does(backend: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    arguments = ["--constraint", "architecture=clean_architecture", "--constraint", "database=postgres"]
    main(["verify", str(backend), *arguments, "--json", str(file)])
    document = json.loads(file.read_text())
    assert set(document["conformance"]) == {"clean_architecture", "postgres"}
    assert document["conformance"]["postgres"] == "violated"
    found = document["findings"][-1]
    assert {"verifier", "constraint", "rule", "path", "line", "message", "certainty", "mend", "seen"} == found.keys()


def test_the_constraints_are_those_of_the_task_the_folder_is_named_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(SQLITE, tmp_path / "uv-flask-openapi-sqlite")
    assert main(["verify", str(tmp_path / "uv-flask-openapi-sqlite")]) == 0
    assert main(["verify", str(tmp_path / "uv-flask-openapi-sqlite"), "--task", "uv-flask-openapi-postgres"]) == 1
    assert "database=sqlite: conforming" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "orm=sqlalchemy"),
        (["--constraint", "postgres"], "did you mean database=postgres"),
        (["--constraint", "nonsense"], "not KIND=VALUE"),
        (["--constraint", "databse=postgres"], "no kind of constraint “databse”"),
        (["--constraint", "database=oracle"], "there is: sqlite, postgres"),
        (["--constraint", "database=sqlite", "--constraint", "database=postgres"], "one of them only"),
        (["--constraint", "database=sqlite", "--task", "uv-flask-openapi-sqlite"], "either"),
        (["--task", "uv-flask-openapi-unconstrained"], "no constraint"),
        (["--task", "uv-flask-openapi-sqlit"], "Did you mean"),
    ],
)
def test_bad_input_is_one_sentence_that_lists_what_there_is(
    backend: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(backend), *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert told in said


@pytest.mark.parametrize(("name", "told"), [("absent", "is not there"), ("file", "not a folder"), ("empty", "no file")])
def test_what_is_no_folder_of_files_is_refused(
    tmp_path: Path, name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    assert main(["verify", str(tmp_path / name), *DATABASE]) == 2
    assert told in capsys.readouterr().err


def test_links_pipes_and_unreadable_names_are_skipped_and_named(backend: Path) -> None:
    (backend / "link.py").symlink_to("/etc/passwd")
    (backend / "loop").symlink_to(".")
    os.mkfifo(backend / "pipe.py")
    (backend / "two\nlines.py").write_text("")
    Path(os.fsdecode(os.fsencode(backend) + b"/caf\xe9.py")).write_text("")
    tree = read_sources(backend)
    assert list(tree.files) == ["main.py"]
    assert tree.skipped.keys() == {"link.py", "loop", "pipe.py", "two\nlines.py", "caf\\udce9.py"}


def test_a_file_of_ten_megabytes_is_a_finding_and_not_read_whole(backend: Path) -> None:
    (backend / "large.py").write_bytes(b"# padding\n" * 1_000_000)
    tree = read_sources(backend)
    assert len(tree.files["large.py"]) == TreeBounds().one_file
    findings, states = verify_constraints(tree.files, [CONSTRAINTS["sqlite"]])
    assert states == {"sqlite": "uncertain"}
    assert [finding.path for finding in findings] == ["large.py"]


def test_folders_nested_deeper_than_the_stack_are_read(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("a", dir_fd=folder)
        folder, above = os.open("a", os.O_RDONLY, dir_fd=folder), folder
        os.close(above)
    os.close(folder)
    (tmp_path / "main.py").write_text("x = 1\n")
    try:
        assert list(read_sources(tmp_path).files) == ["main.py"]
    finally:
        remove_tree(tmp_path / "a")  # pytest's own cleaning gives up at such a tree


def test_more_files_than_the_bound_are_skipped(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.py").write_text("")
    tree = read_sources(tmp_path, TreeBounds(count=3))
    assert len(tree.files) == 3
    assert all("beyond the first 3 files" in why for why in tree.skipped.values())


@pytest.mark.sandbox
def test_tools_stand_beside_the_constraints_and_change_no_status(
    backend: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (backend / "other.py").write_text("print(missing)\n")
    file = tmp_path / "out.json"
    assert main(["verify", str(backend), *DATABASE, "--tools", "ruff,eslint", "--json", str(file)]) == 0
    assert "other.py:1  F821" in capsys.readouterr().out
    document = json.loads(file.read_text())
    assert [report["tool"] for report in document["tools"]] == ["ruff", "eslint"]
    assert document["findings"] == []


def test_an_unknown_tool_is_refused_in_a_sentence(backend: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(backend), *DATABASE, "--tools", "flake8"]) == 2
    assert "There is no tool “flake8”; there are all, or ruff" in capsys.readouterr().err
