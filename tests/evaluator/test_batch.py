"""A batch of hundreds runs for hours: whatever ends it, what was judged is kept, and nothing is judged twice.

Most of these tests have workers that start no backend (`batch_stand_in.py`): what they are about is the batch.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import evaluator
from evaluator.__main__ import main
from evaluator.files import write_tree
from evaluator.verdict import Verdict
from tests.evaluator.tiny_backends import HEALTHY

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((Path(evaluator.__file__).parent / "verdict.schema.json").read_text())
AIOHTTP, DJANGO, FLASK = (f"uv-{name}-openapi-sqlite" for name in ("aiohttp", "django", "flask"))
STAND_IN = (str(Path(__file__).with_name("batch_stand_in.py")),)
# The command line with the stand-in's workers, for tests that kill it.
PROGRAM = f"""
import sys, evaluator.batch.workers as workers
workers.WORKER = {STAND_IN!r}
from evaluator.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


class Folder:
    """A folder of backends, and how often each of them was judged."""

    def __init__(self, path: Path) -> None:
        self.path = path / "backends"
        self.file = path / "verdicts.json"
        self.part = path / "verdicts.json.part"
        self.log = path / "judged.log"
        self.log.touch()
        self.path.mkdir()

    def plan(self, **plans: str) -> None:
        for name, plan in plans.items():
            folder = self.path / f"uv-{name}-openapi-sqlite"
            if folder.exists():
                (folder / "plan").write_text(plan)
            else:
                write_tree({"run.sh": b"", "requirements.txt": b"", "plan": plan.encode()}, folder)

    def judge(self, *arguments: str, jobs: int = 1) -> int:
        return main(self.arguments(*arguments, jobs=jobs))

    def arguments(self, *arguments: str, jobs: int = 1) -> list[str]:
        return ["batch", str(self.path), "--jobs", str(jobs), "--json", str(self.file), *arguments]

    def start(
        self, jobs: int = 1, stderr: int = subprocess.PIPE, *, in_background: bool = False
    ) -> subprocess.Popen[bytes]:
        """`in_background`: as a script starts it with `&`, with Ctrl-C ignored."""
        program = [sys.executable, "-c", PROGRAM, *self.arguments(jobs=jobs)]
        interrupts = signal.SIG_IGN if in_background else signal.SIG_DFL
        return subprocess.Popen(
            program,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stderr,
            preexec_fn=lambda: signal.signal(signal.SIGINT, interrupts),
        )

    def logged(self) -> list[str]:
        return self.log.read_text().splitlines()

    def wait_for(self, line: str) -> None:
        deadline = time.monotonic() + 30
        while line not in self.logged():
            assert time.monotonic() < deadline, f"{line!r} never came: {self.logged()}"
            time.sleep(0.02)

    def judged(self) -> list[str]:
        """The tasks judged since the last time this was asked."""
        lines = self.logged()
        self.log.write_text("")
        return lines

    def verdicts(self) -> list[dict[str, Any]]:
        document: list[dict[str, Any]] = json.loads(self.file.read_text())
        return document


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    folder = Folder(tmp_path)
    monkeypatch.setenv("STAND_IN_LOG", str(folder.log))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr("evaluator.batch.workers.WORKER", STAND_IN)
    yield folder


def test_the_verdicts_are_a_list_in_order_of_the_names_each_with_its_folder(folder: Folder) -> None:
    folder.plan(flask="failed", django="sound", aiohttp="sound")
    assert folder.judge(jobs=3) == 1
    verdicts = folder.verdicts()
    assert [verdict["environment"]["batch"]["folder"] for verdict in verdicts] == [AIOHTTP, DJANGO, FLASK]
    assert [verdict["summary"]["sound"] for verdict in verdicts] == [True, True, False]
    for verdict in verdicts:
        jsonschema.validate(verdict, SCHEMA, cls=jsonschema.Draft202012Validator)
        assert Verdict.from_json(verdict).task == verdict["environment"]["batch"]["folder"]


def test_all_sound_is_status_0(folder: Folder) -> None:
    folder.plan(flask="sound", django="sound")
    assert folder.judge() == 0


def test_other_folders_are_noted_and_files_passed_over(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.plan(flask="sound")
    (folder.path / "README.md").write_text("about these backends")
    (folder.path / "uv-flask-openapi-sqlit").mkdir()
    (folder.path / ".git").mkdir()
    assert folder.judge() == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "“uv-flask-openapi-sqlit” is passed over" in notes[0]
    assert "Did you mean uv-flask-openapi-sqlite" in notes[0]


def test_a_folder_without_any_backend_is_bad_input(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.judge() == 2
    assert "named by the id of a task" in capsys.readouterr().err
    assert not folder.part.exists()


def test_a_place_that_cannot_be_written_is_bad_input(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.plan(flask="sound")
    assert main(["batch", str(folder.path), "--json", "/nowhere/verdicts.json"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert folder.judged() == []


def test_a_second_batch_judges_only_what_changed(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.plan(flask="sound", django="failed", aiohttp="sound")
    folder.judge()
    assert sorted(folder.judged()) == [AIOHTTP, DJANGO, FLASK]
    assert not folder.part.exists()
    assert folder.judge() == 1
    assert folder.judged() == []
    folder.plan(django="sound")
    assert folder.judge() == 0
    assert folder.judged() == [DJANGO]
    assert "2 of 3 are known" in capsys.readouterr().err
    assert [verdict["summary"]["sound"] for verdict in folder.verdicts()] == [True, True, True]


def test_again_judges_everything_again(folder: Folder) -> None:
    folder.plan(flask="sound", django="sound")
    folder.judge()
    folder.judged()
    folder.judge("--again")
    assert sorted(folder.judged()) == [DJANGO, FLASK]


def test_a_verdict_given_under_other_settings_does_not_hold(folder: Folder) -> None:
    folder.plan(flask="sound")
    folder.judge()
    folder.judged()
    folder.judge("--as-of", "2026-01-31")
    assert folder.judged() == [FLASK]


def test_a_torn_last_line_is_judged_again_and_does_not_spoil_the_next(folder: Folder) -> None:
    folder.plan(aiohttp="sound", django="sound", flask="sound")
    folder.judge()
    folder.judged()
    # As kill -9 in the middle of the second write leaves it.
    first, second, _ = folder.file.read_bytes().removeprefix(b"[\n").split(b",\n")
    folder.part.write_bytes(first + b"\n" + second[:1000])
    folder.file.unlink()
    assert folder.judge() == 0
    assert folder.judged() == [DJANGO, FLASK]
    assert len(folder.verdicts()) == 3


@pytest.mark.parametrize("in_background", [False, True])
def test_a_batch_that_was_killed_cleans_up_and_goes_on_where_it_was(folder: Folder, in_background: bool) -> None:
    folder.plan(aiohttp="sound", django="waits", flask="sound")
    batch = folder.start(in_background=in_background)
    folder.wait_for(DJANGO)
    batch.kill()
    batch.communicate()
    folder.wait_for("cleaned up")
    assert folder.part.read_bytes().count(b"\n") == 1
    assert not folder.file.exists()
    folder.judged()
    folder.plan(django="sound")
    assert folder.judge() == 0
    assert folder.judged() == [DJANGO, FLASK]


def test_ctrl_c_keeps_what_there_is_and_says_how_to_go_on(folder: Folder) -> None:
    folder.plan(aiohttp="sound", django="waits", flask="waits")
    batch = folder.start(jobs=2)
    folder.wait_for(DJANGO)
    folder.wait_for(FLASK)
    batch.send_signal(signal.SIGINT)
    _, told = batch.communicate(timeout=30)
    assert batch.returncode == 130
    assert f"1 of 3 verdicts are kept in {folder.part}; the same command goes on from there" in told.decode()
    assert folder.logged().count("cleaned up") == 2


def test_two_batches_do_not_write_one_file(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.plan(flask="waits")
    first = folder.start()
    folder.wait_for(FLASK)
    assert folder.judge() == 2
    assert "Another batch is writing" in capsys.readouterr().err
    assert folder.part.exists()
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)


def test_a_void_run_is_tried_once_more(folder: Folder) -> None:
    folder.plan(flask="void once", django="sound")
    assert folder.judge() == 0
    assert folder.judged() == [DJANGO, FLASK, FLASK]


def test_a_run_that_stays_void_is_counted_apart_and_judged_anew_by_the_next_batch(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.plan(flask="void", django="failed", aiohttp="sound")
    assert folder.judge() == 3
    told = capsys.readouterr()
    assert "3 backends: 1 sound, 1 not sound, 1 void." in told.out
    assert "The sandbox was lost." in told.err
    assert folder.judged().count(FLASK) == 2
    assert folder.verdicts()[2]["summary"]["void"]
    folder.plan(flask="void once")
    folder.judge()
    assert folder.judged() == [FLASK, FLASK]


def test_a_worker_that_dies_takes_only_its_own_run_with_it(folder: Folder) -> None:
    folder.plan(aiohttp="sound", django="dies", flask="sound")
    assert folder.judge(jobs=2) == 3
    assert folder.judged().count(DJANGO) == 2
    summaries = [verdict["summary"] for verdict in folder.verdicts()]
    assert [summary["sound"] for summary in summaries] == [True, False, True]
    assert summaries[1]["void_reason"] == "The evaluator's own process ended with status 7."


def test_workers_that_cannot_live_end_the_batch(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("evaluator.batch.workers.WORKER", ("-c", "raise SystemExit(5)"))
    folder.plan(flask="sound", django="sound")
    assert folder.judge(jobs=2) == 3
    assert "No worker of the batch stays alive" in capsys.readouterr().err


def test_a_fault_of_ours_makes_one_run_void_and_not_the_batch_fail(folder: Folder) -> None:
    folder.plan(aiohttp="fault", flask="sound")
    assert folder.judge() == 3
    first, second = folder.verdicts()
    assert first["summary"]["void_reason"] == "A fault of the evaluator: LookupError: nobody foresaw this"
    assert second["summary"]["sound"]


def test_half_an_emoji_in_an_answer_spoils_no_list(folder: Folder) -> None:
    """It has no UTF-8, and as an escape it would make the line unreadable for the batch that goes on."""
    folder.plan(flask="half an emoji", django="sound")
    assert folder.judge() == 1
    assert folder.verdicts()[1]["start_error"] == "got ?"
    folder.judged()
    folder.judge()
    assert folder.judged() == []


def test_refused_files_give_a_verdict_in_which_nothing_passed(folder: Folder) -> None:
    folder.plan(flask="sound", django="sound")
    (folder.path / DJANGO / "run.sh").unlink()
    assert folder.judge() == 1
    refused = folder.verdicts()[0]
    jsonschema.validate(refused, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert "has no run.sh" in refused["start_error"]
    assert refused["summary"]["passed"] == 0
    assert refused["summary"]["checks"] > 300
    assert refused["conformance"] == {"sqlite": "uncertain"}


def test_repeated_judgements_mark_what_differs(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.plan(flask="flaky")
    assert folder.judge("--repeat", "3") == 1
    assert folder.judged() == [FLASK] * 3
    (verdict,) = folder.verdicts()
    assert verdict["summary"]["unstable"] == 1
    assert verdict["environment"]["repeats"] == {"judged": 3, "void": 0}
    assert "0 of 1, 1 unstable" in capsys.readouterr().err


def test_the_list_can_go_to_standard_output(folder: Folder, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    folder.plan(flask="sound")
    assert main(["batch", str(folder.path), "--json", "-"]) == 0
    assert [verdict["task"] for verdict in json.loads(capfdbinary.readouterr().out)] == [FLASK]


def test_without_a_terminal_there_is_one_line_per_verdict_and_no_bar(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.plan(flask="sound", django="failed")
    folder.judge()
    lines = capsys.readouterr().err.splitlines()
    assert [line.strip().split("  ")[0] for line in lines] == ["1 of 2", "2 of 2"]
    assert "not sound  0 of 1" in lines[0]


def test_on_a_terminal_a_bar_shows_counts_and_the_time_left(folder: Folder) -> None:
    folder.plan(flask="sound", django="failed")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    batch = folder.start(stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # how a terminal says that the last program has left it
        pass
    batch.communicate()
    os.close(ours)
    last = shown.decode().replace("\r", "\n").strip().splitlines()[-1]
    assert last.startswith("2 of 2 |")
    assert " left, 1 sound, 1 not sound" in last


def test_the_process_that_hands_out_the_work_loads_nothing_of_the_evaluation(folder: Folder) -> None:
    """Its memory counts beside that of the workers: asyncio and the contract alone would cost it 15 MB."""
    folder.plan(flask="sound")
    heavy = {"asyncio", "psycopg", "evaluator.contract", "evaluator.evaluate", "evaluator.verifiers"}
    code = PROGRAM.replace("sys.exit(main(sys.argv[1:]))", "main(sys.argv[1:]); print(*sys.modules)")
    done = subprocess.run(
        [sys.executable, "-c", code, *folder.arguments()], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "evaluator.batch.workers" in loaded
    assert not heavy & loaded


@pytest.mark.sandbox
def test_real_workers_judge_real_backends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (FLASK, AIOHTTP):
        write_tree(HEALTHY, tmp_path / "backends" / name)
    file = tmp_path / "verdicts.json"
    assert main(["batch", str(tmp_path / "backends"), "--jobs", "2", "--json", str(file)]) == 1
    verdicts = json.loads(file.read_text())
    assert [(verdict["task"], verdict["started"]) for verdict in verdicts] == [(AIOHTTP, True), (FLASK, True)]
    assert "2 backends: 0 sound, 2 not sound." in capsys.readouterr().out
