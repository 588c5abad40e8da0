"""`tasks`: list the tasks."""

from __future__ import annotations

import argparse

from evaluator.commands.arguments import Commands, add_json
from evaluator.commands.output import SOUND, write_json
from evaluator.tasks import FURTHER_CONSTRAINTS, all_tasks


def declare(commands: Commands) -> None:
    further = ", ".join(f"{value} ({constraint.title})" for value, constraint in FURTHER_CONSTRAINTS.items())
    command = commands.add_parser(
        "tasks",
        help="list the tasks",
        epilog=f"Behind any id may follow further constraints, in this order: {further}. "
        "uv-flask-openapi-postgres-keys is PostgreSQL with keys; in place of “unconstrained” they stand alone.",
    )
    command.set_defaults(command=tasks)
    add_json(command, "the list")


def tasks(chosen: argparse.Namespace) -> int:
    """List the tasks; the exit status."""
    listed = [
        {
            "id": task.id,
            "title": task.title,
            "contract": task.contract,
            "level": task.level,
            "runtime": task.runtime.title,
            "constraints": [constraint.value for constraint in task.constraints],
            "demands": {demand.constraint.value: demand.text for demand in task.demands},
        }
        for task in all_tasks().values()
    ]
    if chosen.json:
        write_json(chosen.json, listed)
    else:
        print("\n".join(f"L{entry['level']}  {entry['id']}" for entry in listed))
    return SOUND
