"""The command line answers bad input with one sentence, and its exit status says what became of the backend."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

import evaluator
from evaluator.__main__ import main
from evaluator.files import write_tree
from evaluator.verdict import CheckResult, Verdict, summarise
from tests.evaluator.tiny_backends import HEALTHY, PYTHON_TASK

SCHEMA = json.loads((Path(evaluator.__file__).parent / "verdict.schema.json").read_text())


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    folder = tmp_path / PYTHON_TASK.id
    write_tree(HEALTHY, folder)
    return folder


@pytest.fixture
def server() -> Iterator[str]:
    """A server of ours that knows nothing but 404."""

    class NotFound(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), NotFound) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}/api/v1"
        running.shutdown()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "/nowhere/at-all"], "no folder"),
        (["run", ".", "--task", "uv-flask-openapi-sqlit"], "Did you mean"),
        (["against", "ftp://127.0.0.1/"], "http://"),
        (["against", "http://127.0.0.1:1/api"], "Nothing answers"),
        (["against", "http://127.0.0.1:99999/api"], "not an address"),
        (["sandbox-check", "--sandbox", "chroot"], "no sandbox"),
        (["tasks", "--json", "/nowhere/tasks.json"], "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.startswith("error: ")
    assert "Traceback" not in said


def test_a_folder_that_is_not_named_for_a_task_needs_to_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tree(HEALTHY, tmp_path / "mine")
    assert main(["run", str(tmp_path / "mine")]) == 2
    assert "--task" in capsys.readouterr().err


def test_a_link_in_the_folder_is_refused(backend: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.symlink("/etc/passwd", backend / "passwd")
    assert main(["run", str(backend)]) == 2
    assert "“passwd” is a symbolic link" in capsys.readouterr().err


def test_the_tasks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 80


def test_the_tasks_are_listed_as_json(tmp_path: Path) -> None:
    assert main(["tasks", "--json", str(tmp_path / "tasks.json")]) == 0
    assert {entry["level"] for entry in json.loads((tmp_path / "tasks.json").read_text())} == {0, 1, 2, 3}


@pytest.mark.sandbox
def test_a_backend_that_is_not_sound_gives_status_1_and_its_verdict(
    backend: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(backend), "--json", str(tmp_path / "verdict.json")]) == 1
    assert "checks passed" in capsys.readouterr().out
    document = json.loads((tmp_path / "verdict.json").read_text())
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert document["task"] == PYTHON_TASK.id


def _stand_in(monkeypatch: pytest.MonkeyPatch, outcome: str, void_reason: str = "") -> None:
    checks = (CheckResult("server.starts", "The server starts", "", "prose", outcome),)  # type: ignore[arg-type]
    summary = summarise(checks, {}, void_reason=void_reason)
    verdict = Verdict(PYTHON_TASK.id, 0, (), checks, (), {}, summary)
    monkeypatch.setattr("evaluator.evaluate.evaluate", lambda *given, **more: verdict)


def test_a_sound_backend_gives_status_0(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, "passed")
    assert main(["run", str(backend)]) == 0


def test_a_void_run_gives_status_3_and_its_reason(
    backend: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stand_in(monkeypatch, "not_reached", "The package index could not be used.")
    assert main(["run", str(backend)]) == 3
    assert "VOID: The package index could not be used." in capsys.readouterr().out


def test_a_running_server_is_judged_without_task_and_sandbox(server: str, tmp_path: Path) -> None:
    assert main(["against", server, "--json", str(tmp_path / "verdict.json")]) == 1
    document = json.loads((tmp_path / "verdict.json").read_text())
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert (document["task"], document["level"], document["constraints"]) == ("", 0, [])
    assert document["summary"]["passed"] < document["summary"]["checks"]
