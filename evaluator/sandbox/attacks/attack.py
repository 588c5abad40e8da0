"""What an attack is: a claim about sandboxes, a hostile program that tries to break it, and a judge that looks on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from evaluator.sandbox.attacks.arena import Arena

Outcome = Literal["stopped", "not stopped", "not tried"]


class NotStopped(Exception):
    """The attack got through; `str(error)` says with what."""


class NotTried(Exception):
    """The attack never took place, which says nothing about the sandbox: an error of ours."""


@dataclass(frozen=True)
class Attack:
    """One hostile mode.

    `claim` is what we say of every sandbox, a sentence that could be false; `tried` what the program does about it;
    `stopped_by` what we rely on. `attempt` lets it loose and gives what was seen. It raises NotStopped where the claim
    is broken, and NotTried where the program did not get as far as trying. Attacks that are `alone` need the machine.
    """

    name: str
    claim: str
    tried: str
    stopped_by: str
    attempt: Callable[[Arena], str]
    quick: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one attack: `seen` is the evidence, `seconds` how long it took."""

    attack: str
    outcome: Outcome
    seen: str
    seconds: float
