"""A sandbox that an attack gets through is not offered, until a whole check has seen every attack stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.__main__ import main
from evaluator.commands import sandbox_check
from evaluator.commands.output import NOT_SOUND, SOUND, VOID
from evaluator.errors import SandboxUnavailable
from evaluator.sandbox import Sandbox, choice, choose_sandbox
from evaluator.sandbox.attacks import ALL_ATTACKS, Result
from evaluator.sandbox.attacks import record as records
from evaluator.sandbox.attacks.record import Record, check_quickly, known_or_checked_now, read_record, record
from evaluator.sandbox.slots import take_slot
from tests.evaluator.conftest import sandbox_or_skip
from tests.evaluator.plain_sandbox import PlainSandbox

STOPPED = Result("fork-flood", "stopped", "60 processes", 0.1)
OPEN = Result("fork-flood", "not stopped", "256 processes", 0.1)
UNTRIED = Result("fork-flood", "not tried", "no program", 0.1)


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Records of our own, so that nobody's real sandbox is refused for a test."""
    monkeypatch.setattr(records, "cache_root", lambda: tmp_path)
    monkeypatch.delenv("AMEND_SANDBOX", raising=False)
    choice.working_sandbox.cache_clear()
    yield
    choice.working_sandbox.cache_clear()


class Fake:
    def __init__(self, name: str) -> None:
        self.name = name
        self.image = None

    def self_test(self) -> float:
        return 0.0


def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "sandbox_named", Fake)


def test_an_open_sandbox_is_refused_in_one_sentence_and_the_next_one_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch)
    record("bubblewrap", [OPEN, STOPPED], whole=True)
    record("container", [STOPPED], whole=True)
    with pytest.raises(SandboxUnavailable, match=r"“bubblewrap” is not offered: attacks get through \(fork-flood\)"):
        choose_sandbox("bubblewrap")
    assert choose_sandbox().name == "container"


def test_where_both_are_open_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch)
    for name in choice.NAMES:
        record(name, [OPEN], whole=True)
    with pytest.raises(SandboxUnavailable, match=r"“bubblewrap” is not offered.*“container” is not offered"):
        choose_sandbox()


def test_a_hole_of_a_whole_check_is_closed_by_a_whole_check_only() -> None:
    record("bubblewrap", [OPEN], whole=True)
    record("bubblewrap", [STOPPED], whole=False)
    assert read_record("bubblewrap") is not None and read_record("bubblewrap").holes == ("fork-flood",)  # type: ignore[union-attr]
    record("bubblewrap", [STOPPED], whole=True)
    assert read_record("bubblewrap").holes == ()  # type: ignore[union-attr]


def test_a_hole_of_a_quick_check_counts_at_once() -> None:
    record("bubblewrap", [STOPPED], whole=True)
    record("bubblewrap", [OPEN], whole=False)
    assert read_record("bubblewrap").holes == ("fork-flood",)  # type: ignore[union-attr]


def test_what_was_not_tried_proves_nothing_and_is_not_kept() -> None:
    record("bubblewrap", [STOPPED, UNTRIED], whole=True)
    assert read_record("bubblewrap") is None


def test_a_record_holds_for_this_boot_these_sources_and_these_limits_only(monkeypatch: pytest.MonkeyPatch) -> None:
    record("bubblewrap", [STOPPED], whole=True)
    assert read_record("bubblewrap") is not None
    assert read_record("container") is None
    for name, value in (("_sources", "others"), ("_text", "another boot"), ("limits_in_force", "none")):
        with monkeypatch.context() as patch:
            patch.setattr(records, name, lambda *_, value=value: value)
            assert read_record("bubblewrap") is None


def test_a_record_that_cannot_be_read_is_none() -> None:
    record("bubblewrap", [STOPPED], whole=True)
    path = records._path_of("bubblewrap")
    for text in ("", "[]", '{"sandbox": "bubblewrap"}'):
        path.write_text(text)
        assert read_record("bubblewrap") is None


@pytest.mark.sandbox
def test_the_quick_check_passes_is_kept_and_is_not_made_twice(
    each_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = known_or_checked_now(each_sandbox)
    assert (made.holes, made.whole) == ((), False)
    monkeypatch.setattr(records, "check_quickly", lambda sandbox: pytest.fail("it was known"))
    assert known_or_checked_now(each_sandbox) == made


@pytest.mark.sandbox
def test_the_quick_check_sees_a_sandbox_that_is_none() -> None:
    with take_slot() as slot:
        found = check_quickly(PlainSandbox(slot))
    assert {"environment-leak", "planted-file", "host-loopback", "network", "signals"} <= set(found.holes)
    assert read_record("plain") == found


def test_the_quick_attacks_are_a_good_part_of_all() -> None:
    assert len([attack for attack in ALL_ATTACKS if attack.quick]) > len(ALL_ATTACKS) // 4


@pytest.mark.sandbox
def test_the_command_checks_prints_and_keeps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sandbox_or_skip("bubblewrap")
    file = tmp_path / "checked.json"
    assert main(["sandbox-check", "--sandbox", "bubblewrap", "--quick", "--json", str(file)]) == SOUND
    printed = capsys.readouterr().out
    assert "bubblewrap: 30 of 30 hostile modes stopped" in printed
    assert "limits: " in printed
    assert "environment-leak" in printed
    document = json.loads(file.read_text())["sandboxes"][0]
    assert document["all_stopped"]
    assert {attack["outcome"] for attack in document["attacks"]} == {"stopped"}
    assert read_record("bubblewrap") == Record("bubblewrap", False, read_record("bubblewrap").checked_at)  # type: ignore[union-attr]


@pytest.mark.sandbox
def test_the_command_tells_of_an_open_sandbox_by_words_and_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with take_slot() as slot:
        monkeypatch.setattr(sandbox_check, "sandbox_named", lambda name: PlainSandbox(slot))
        assert main(["sandbox-check", "--sandbox", "plain", "--quick"]) == NOT_SOUND
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "NOT STOPPED" in lines["environment-leak"]
    assert "found the planted variable" in lines["environment-leak"]


def test_the_command_without_any_sandbox_is_void(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(name: str) -> Sandbox:
        raise SandboxUnavailable(f"No {name} here.")

    monkeypatch.setattr(sandbox_check, "sandbox_named", none)
    assert main(["sandbox-check"]) == VOID
    assert "No bubblewrap here. No container here." in capsys.readouterr().err
