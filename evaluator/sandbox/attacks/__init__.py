"""Hostile modes: every way in which we know a program to break out of a sandbox, or to harm whoever runs it.

The same list is let loose on every sandbox, by `python -m evaluator sandbox-check` and by the tests; a new mode is one
entry in the file of its group, with its program in `programs/`. Beside the sandbox this package may use what a sandbox
is there to protect: the contract's client, the databases of runs, the installs.
"""

from evaluator.sandbox.attacks import answers, databases, floods, installs, kernel, leaks, reach, survival
from evaluator.sandbox.attacks.attack import Attack, NotStopped, NotTried, Outcome, Result

GROUPS: dict[str, tuple[Attack, ...]] = {
    "Floods": floods.ATTACKS,
    "Answers": answers.ATTACKS,
    "Leaks": leaks.ATTACKS,
    "Reach": reach.ATTACKS,
    "Kernel": kernel.ATTACKS,
    "Databases": databases.ATTACKS,
    "Survival": survival.ATTACKS,
    "Installs": installs.ATTACKS,
}
ALL_ATTACKS = tuple(attack for attacks in GROUPS.values() for attack in attacks)

__all__ = ["ALL_ATTACKS", "GROUPS", "Attack", "NotStopped", "NotTried", "Outcome", "Result"]
