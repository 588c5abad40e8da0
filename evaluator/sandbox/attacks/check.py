"""Lets the attacks loose on a sandbox and says what became of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed

from evaluator.sandbox.attacks.arena import Arena
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried, Outcome, Result

AT_A_TIME = 2


def check(
    arena: Arena, attacks: Iterable[Attack], on_result: Callable[[Result], None] = lambda result: None
) -> tuple[Result, ...]:
    """Every attack once, two at a time, those that need the machine alone at the end; results in the given order."""
    wanted = list(attacks)
    results: dict[str, Result] = {}

    def keep(result: Result) -> None:
        results[result.attack] = result
        on_result(result)

    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="attacks") as pool:
        for done in as_completed([pool.submit(_attack, attack, arena) for attack in wanted if not attack.alone]):
            keep(done.result())
    for attack in wanted:
        if attack.alone:
            keep(_attack(attack, arena))
    return tuple(results[attack.name] for attack in wanted)


def _attack(attack: Attack, arena: Arena) -> Result:
    started = time.monotonic()
    outcome: Outcome
    try:
        outcome, seen = "stopped", attack.attempt(arena)
    except NotStopped as error:
        outcome, seen = "not stopped", str(error)
    except NotTried as error:
        outcome, seen = "not tried", str(error)
    except Exception as error:  # whatever else goes wrong proves nothing, and the others must still be tried
        outcome, seen = "not tried", f"{type(error).__name__}: {error}"
    return Result(attack.name, outcome, " ".join(seen.split()), round(time.monotonic() - started, 3))
