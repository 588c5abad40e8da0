"""`sandbox-check`: let every hostile mode loose in each sandbox, and say what stopped it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from evaluator.commands.arguments import Commands, add_json, add_sandbox
from evaluator.commands.output import NOT_SOUND, SOUND, write_json
from evaluator.errors import SandboxUnavailable
from evaluator.sandbox.base import Sandbox
from evaluator.sandbox.choice import NAMES, sandbox_named
from evaluator.sandbox.limits import limits_in_force
from evaluator.sandbox.seccomp import filter_program

if TYPE_CHECKING:
    from evaluator.sandbox.attacks import Result

COLUMNS = ("mode", "tried", "outcome", "what stopped it, and what was seen", "seconds")


def declare(commands: Commands) -> None:
    command = commands.add_parser("sandbox-check", help="let every hostile mode loose in each sandbox of this machine")
    command.set_defaults(command=sandbox_check)
    add_sandbox(command)
    command.add_argument("--quick", action="store_true", help="only what is looked at before a sandbox is first used")
    add_json(command, "what became of each mode")


def sandbox_check(chosen: argparse.Namespace) -> int:
    """Check the sandboxes that this machine has; 0 only where every mode was stopped in each of them."""
    documents, unavailable = [], {}
    quiet = chosen.json == "-"
    for name in [chosen.sandbox] if chosen.sandbox else NAMES:
        try:
            sandbox = sandbox_named(name)
            sandbox.self_test()
        except SandboxUnavailable as error:
            unavailable[name] = str(error)
            continue
        results = _checked(sandbox, whole=not chosen.quick, quiet=quiet)
        documents.append(_document(name, results))
    if not documents:
        raise SandboxUnavailable(" ".join(unavailable.values()))
    for name, reason in unavailable.items() if not quiet else ():
        print(f"{name} is not checked: {reason}")
    if chosen.json:
        write_json(chosen.json, {"sandboxes": documents, "unavailable": unavailable})
    return SOUND if all(document["all_stopped"] for document in documents) else NOT_SOUND


def _checked(sandbox: Sandbox, *, whole: bool, quiet: bool) -> tuple[Result, ...]:
    """Let the attacks loose, print their table, and keep the result for whoever chooses a sandbox."""
    from evaluator.sandbox.attacks import GROUPS
    from evaluator.sandbox.attacks.arena import Arena
    from evaluator.sandbox.attacks.check import check
    from evaluator.sandbox.attacks.record import record, recorded_name

    attacks = [attack for group in GROUPS.values() for attack in group if whole or attack.quick]
    done = 0

    def tick(result: Result) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{sandbox.name} {done}/{len(attacks)}  {result.attack}")
            sys.stderr.write("\r\033[K" if done == len(attacks) else "")
            sys.stderr.flush()

    with Arena(sandbox) as arena:
        results = check(arena, attacks, tick)
    record(recorded_name(sandbox), results, whole=whole)
    if not quiet:
        print(_table(sandbox.name, results))
    return results


def _table(sandbox: str, results: tuple[Result, ...]) -> str:
    from evaluator.sandbox.attacks import GROUPS

    by_name = {result.attack: result for result in results}
    rows = [COLUMNS]
    for attack in (attack for group in GROUPS.values() for attack in group if attack.name in by_name):
        result = by_name[attack.name]
        stopped = result.outcome == "stopped"
        outcome = result.outcome if stopped else result.outcome.upper()
        how = f"{attack.stopped_by}: {result.seen}" if stopped else result.seen
        rows.append((attack.name, attack.tried, outcome, how, f"{result.seconds:.2f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    stopped_count = sum(result.outcome == "stopped" for result in results)
    filtered = (
        "filtered" if filter_program() is not None or sandbox == "container" else "not filtered on this processor"
    )
    return "\n".join(
        [
            f"{sandbox}: {stopped_count} of {len(results)} hostile modes stopped",
            f"limits: {limits_in_force(sandbox)}",
            f"system calls: {filtered}",
            "",
            *lines,
            "",
        ]
    )


def _document(sandbox: str, results: tuple[Result, ...]) -> dict[str, Any]:
    return {
        "sandbox": sandbox,
        "limits": limits_in_force(sandbox),
        "all_stopped": all(result.outcome == "stopped" for result in results),
        "attacks": [asdict(result) for result in results],
    }
