"""Whatever a backend does, an evaluation ends with a verdict, and what is our fault is void."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

import evaluator
from evaluator import evaluate as evaluate_module
from evaluator.clock import STAGES
from evaluator.contract import Judged, Watch, catalogue, not_started
from evaluator.errors import EngineUnavailable, MachineryFailed, RefusedFiles
from evaluator.evaluate import Progress, evaluate
from evaluator.stopping import Stop
from evaluator.tasks import task_by_id
from evaluator.verdict import CheckResult, Verdict
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.tiny_backends import HEALTHY, PYTHON_TASK

pytestmark = pytest.mark.sandbox
SCHEMA = json.loads((Path(evaluator.__file__).parent / "verdict.schema.json").read_text())
EVERY_CHECK = len(catalogue(PYTHON_TASK.contract))


@pytest.fixture
def quick_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """One check in place of the contract, for tests of what lies around it."""

    def one_check(base_url: str, **given: object) -> Judged:
        return Judged((CheckResult("server.starts", "The server starts", "", "prose", "passed"),))

    monkeypatch.setattr("evaluator.observation.judge_contract", one_check)


def judged(files: Mapping[str, bytes], **options: object) -> Verdict:
    verdict = evaluate(files, PYTHON_TASK, **options)  # type: ignore[arg-type]
    jsonschema.validate(json.loads(json.dumps(verdict.to_json())), SCHEMA, cls=jsonschema.Draft202012Validator)
    return verdict


def with_script(script: str) -> dict[str, bytes]:
    return HEALTHY | {"run.sh": script.encode()}


def test_a_backend_that_only_answers_its_health_check_is_judged_on_every_check() -> None:
    told: list[Progress] = []
    verdict = judged(HEALTHY, on_progress=told.append)
    assert verdict.started
    assert len(verdict.checks) == EVERY_CHECK
    assert not verdict.summary.functional
    assert verdict.environment["sandbox"] in ("bubblewrap", "container")
    assert {progress.stage for progress in told} == {"prepare", "start", "contract"}
    assert set(verdict.timings) == {*STAGES, "first_verdict", "total"}
    assert verdict.measures.ready_seconds is not None and 0 < verdict.measures.ready_seconds < verdict.timings["total"]
    assert verdict.measures.peak_memory_bytes is not None and verdict.measures.peak_memory_bytes > 2**20
    assert verdict.measures.requests > 0


def test_the_verdict_does_not_turn_with_the_sandbox() -> None:
    chosen = [sandbox_or_skip(name) for name in ("bubblewrap", "container")]
    bubblewrap, container = (judged(HEALTHY, sandbox=sandbox) for sandbox in chosen)
    assert (bubblewrap.environment["sandbox"], container.environment["sandbox"]) == ("bubblewrap", "container")
    assert [(check.id, check.outcome) for check in container.checks] == [
        (check.id, check.outcome) for check in bubblewrap.checks
    ]
    assert container.summary == bubblewrap.summary


def test_a_run_that_is_stopped_ends_at_once_and_is_void() -> None:
    stop = Stop()
    threading.Timer(1.0, stop.ask).start()
    began = time.monotonic()
    verdict = judged(with_script("exec sleep 300"), stop=stop)
    assert verdict.summary.void_reason == "The run was stopped."
    assert time.monotonic() - began < 20


def test_a_script_that_fails_ends_at_once_and_its_last_words_are_kept() -> None:
    verdict = judged(with_script("echo cannot find the moon >&2; exit 3"))
    assert not verdict.started
    assert verdict.start_error == "run.sh ended with status 3 before the health check was answered."
    assert "cannot find the moon" in verdict.log
    assert verdict.timings["total"] < 10
    assert verdict.summary.passed == 0
    assert len(verdict.checks) == EVERY_CHECK


def test_a_server_that_never_answers_is_not_started_after_the_time_given() -> None:
    verdict = judged(with_script("sleep 600"), start_seconds=1.5)
    assert verdict.start_error == "Nothing answered on port 8080 within 2 seconds."


def test_a_server_that_takes_connections_and_says_nothing_is_not_started() -> None:
    mute = "import socket, time; s = socket.create_server(('127.0.0.1', 8080)); time.sleep(600)"
    verdict = judged(with_script("exec python3 mute.py") | {"mute.py": mute.encode()}, start_seconds=1.5)
    assert "taken but not answered" in verdict.start_error


def test_a_server_without_health_check_is_given_up_long_before_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluator.health.WRONG_ANSWER_SECONDS", 0.5)
    deaf = HEALTHY["server.py"].replace(b"/api/health-check", b"/elsewhere")
    verdict = judged(HEALTHY | {"server.py": deaf})
    assert verdict.start_error == "The server runs, but GET /api/health-check keeps answering 404 instead of 200."


@pytest.mark.usefixtures("quick_contract")
def test_a_script_that_waits_before_it_serves_is_not_cut() -> None:
    assert judged(with_script("sleep 2; exec python3 server.py")).started


@pytest.mark.usefixtures("quick_contract")
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_it_does_not_matter_which_address_a_server_binds(address: str) -> None:
    assert judged(with_script(f"exec python3 server.py {address}")).started


@pytest.mark.usefixtures("quick_contract")
def test_a_server_on_ipv6_loopback_only_is_found() -> None:
    server = HEALTHY["server.py"].replace(
        b"http.server.ThreadingHTTPServer(",
        b"import socket\nhttp.server.ThreadingHTTPServer.address_family = socket.AF_INET6\n"
        b"http.server.ThreadingHTTPServer(",
    )
    assert judged(HEALTHY | {"server.py": server, "run.sh": b"exec python3 server.py ::1"}).started


def test_dependencies_that_cannot_be_had_are_the_backends_failure() -> None:
    verdict = judged(HEALTHY | {"requirements.txt": b"flask==99.99\n"})
    assert verdict.start_error.startswith("Dependencies could not be installed:")
    assert not verdict.summary.void
    assert len(verdict.checks) == EVERY_CHECK


def test_a_contract_that_never_ends_is_ended_at_the_limit_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(base_url: str, *, watch: Watch, **given: object) -> Judged:
        assert watch.alive is not None
        while watch.alive():
            time.sleep(0.01)
        return Judged(not_started("the server is gone"))

    monkeypatch.setattr("evaluator.observation.judge_contract", endless)
    verdict = judged(HEALTHY, run_seconds=1.5)
    assert verdict.environment["ended"] == "the run reached its limit of 2 seconds"
    assert verdict.timings["total"] < 10


@pytest.mark.usefixtures("quick_contract")
def test_a_failure_of_ours_is_void_and_judges_no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*given: object, **more: object) -> None:
        raise MachineryFailed("The sandbox was lost during the run.")

    monkeypatch.setattr(evaluate_module, "prepare_environment", lost)
    verdict = judged(HEALTHY)
    assert verdict.summary.void
    assert verdict.summary.void_reason == "The sandbox was lost during the run."
    assert {check.outcome for check in verdict.checks} == {"not_reached"}
    assert not verdict.summary.sound


def test_a_database_that_does_not_start_is_our_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_engine() -> Iterator[None]:
        raise EngineUnavailable("PostgreSQL for backends: initdb failed.")

    monkeypatch.setattr("evaluator.observation.fresh_database", no_engine)
    verdict = evaluate(HEALTHY, task_by_id("uv-flask-openapi-postgres"))
    assert verdict.summary.void
    assert "initdb" in verdict.summary.void_reason


@pytest.mark.usefixtures("quick_contract")
def test_a_bug_of_ours_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*given: object, **more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("evaluator.verifiers.verify_files", bug)
    with pytest.raises(ZeroDivisionError):
        evaluate(HEALTHY, PYTHON_TASK)


def test_files_that_break_a_rule_are_refused_before_anything_runs() -> None:
    with pytest.raises(RefusedFiles, match="leaves its folder"):
        evaluate(HEALTHY | {"../../etc/cron.d/x": b""}, PYTHON_TASK)


@pytest.mark.usefixtures("quick_contract")
def test_a_run_writes_into_its_own_copy_of_the_files_only() -> None:
    script = "test -e mark && exit 9; echo here > mark; exec python3 server.py"
    assert judged(with_script(script)).started
    assert judged(with_script(script)).started


@pytest.mark.usefixtures("quick_contract")
def test_two_evaluations_at_a_time_do_not_meet() -> None:
    barrier = threading.Barrier(2)

    def one(_: int) -> bool:
        barrier.wait(10)
        return judged(HEALTHY).started

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, range(2))) == [True, True]
