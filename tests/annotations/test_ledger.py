"""The ledger links edits to the checks that turned after them; a wrong row would credit a repair to another edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotations.effort import stretches
from annotations.ledger import JudgedRun, LedgerRow
from annotations.ledger import ledger as ledger_of
from annotations.ledger_titles import causes_of, title_of


def event(seq: int, kind: str = "edit", **more: Any) -> dict[str, Any]:
    what = {"path": "app.py", "changes": [], "user": "input.type"} if kind == "edit" else {}
    return {"seq": seq, "at": 1000 * seq, "mono": 1000 * seq, "page": "p", "kind": kind, **what, **more}


def run(number: int, through: int, outcomes: dict[str, str] | None, state: str = "finished") -> JudgedRun:
    return JudgedRun(number, f"Run {number}", through, state, outcomes)


def ledger(events: list[dict[str, Any]], runs: list[JudgedRun], *, generated: dict[str, str] | None) -> list[LedgerRow]:
    return ledger_of(events, runs, generated=generated, stretches=stretches(events, idle_limit_seconds=120))


GENERATED = {"a": "failed", "b": "passed", "c": "not_reached"}


def test_a_row_holds_what_was_edited_since_the_last_request_and_what_turned() -> None:
    events = [event(1, "opened"), event(2), event(3, path="b.py"), event(4, "checks.requested", run=1), event(5)]
    first, last = ledger(events, [run(1, 3, {"a": "passed", "b": "failed", "c": "not_reached"})], generated=GENERATED)
    assert (first.first, first.last, first.edits, first.paths) == (1, 3, 2, ("app.py", "b.py"))
    assert (first.fixed, first.broken, first.active_seconds) == (("a",), ("b",), 2.0)
    assert (last.first, last.last, last.run, last.edits, last.active_seconds) == (4, 5, None, 1, 2.0)


def test_a_void_run_turns_nothing_and_the_next_is_held_against_the_last_verdict_that_counts() -> None:
    events = [event(seq) for seq in range(1, 5)]
    void, finished = ledger(
        events,
        [run(1, 2, None, "void"), run(2, 4, {"a": "passed", "b": "passed", "c": "failed"})],
        generated=GENERATED,
    )
    assert (void.judged, void.fixed, void.broken, void.turned_nothing) == (False, (), (), False)
    assert (finished.fixed, finished.broken) == (("a",), ())


def test_edits_that_turn_nothing_are_said_to() -> None:
    (row,) = ledger([event(1)], [run(1, 1, GENERATED)], generated=GENERATED)
    assert row.turned_nothing


def test_a_run_of_one_check_says_nothing_about_the_others() -> None:
    rows = ledger(
        [event(1), event(2)],
        [run(1, 1, {"a": "passed"}), run(2, 2, {"a": "passed", "b": "failed", "c": "passed"})],
        generated=GENERATED,
    )
    assert [(row.fixed, row.broken) for row in rows] == [(("a",), ()), (("c",), ("b",))]


def test_without_a_verdict_over_the_generated_code_nothing_can_have_turned_in_the_first() -> None:
    (row,) = ledger([event(1)], [run(1, 1, {"a": "passed"})], generated=None)
    assert (row.fixed, row.broken) == ((), ())


def test_a_session_without_entries_has_an_empty_ledger() -> None:
    assert ledger([], [], generated=GENERATED) == []
    (row,) = ledger([], [run(1, 0, GENERATED)], generated=GENERATED)
    assert (row.edits, row.turned_nothing) == (0, False)


SENTENCES = {"a": "A taken name is refused", "b": "A tag is kept"}


@dataclass(frozen=True)
class Label:
    checks: list[str]
    words: str
    detail: str = ""


def test_a_row_is_called_by_what_turned_in_the_sentences_of_the_checks() -> None:
    events = [event(seq, path=f"{seq % 2}.py") for seq in range(1, 9)]
    green = {"a": "passed", "b": "passed", "c": "passed"}
    runs = [run(1, 2, green), run(2, 4, green | {"b": "failed"}), run(3, 6, green | {"b": "failed"}), run(4, 6, green)]
    titles = [title_of(row, SENTENCES) for row in ledger(events, runs, generated=GENERATED)]
    assert titles == [
        "A taken name is refused and 1 more",
        "Broken: A tag is kept",
        "Edits in 1.py and 1 more",
        "A tag is kept",
        "Edits in 1.py and 1 more",
    ]


def test_causes_are_those_named_for_what_was_fixed_and_each_is_told_once() -> None:
    (row,) = ledger([event(1)], [run(1, 1, {"a": "passed", "b": "failed", "c": "passed"})], generated=GENERATED)
    query, again = Label(["a", "z"], "Logic: Query", "The key is missing."), Label(["c"], "Incomplete")
    labels = [query, query, again, again, Label(["b"], "Another cause"), Label([], "Does not start")]
    assert causes_of(row, labels) == ["Logic: Query. The key is missing.", "Incomplete"]
    assert causes_of(row, []) == []
