"""A check that all others rest on: where it did not pass, none of them says anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Check, Clause, prose

ABOUT_THE_QUESTION: Clause = prose("An answer is about what was asked.")


def resting_on(id: str, checks: Iterable[Check], *, but: Collection[str]) -> tuple[Check, ...]:
    """The checks, each of which needs the check `id` before anything else; those of the ids in `but` do not."""
    apart = {id, *but}
    return tuple(check if check.id in apart else replace(check, needs=(id, *check.needs)) for check in checks)


def tell_apart(first: Answer, second: Answer) -> None:
    """Two answers to different questions are different.

    Why: a server that answers one constant to everything passes a third of a suite that looks at one answer at a time.
    Raises Failed where both are successes with one body; a server that refuses, or is broken, has checks of its own.
    """
    if first.succeeded and second.succeeded and first.text == second.text:
        asked = f"{first.exchange.method} {first.exchange.path}"
        raise second.fail(f"another answer than that to {asked}", f"the same as that to {asked}: {second.described()}")
