"""`contracts`: list the contracts that a backend can be judged by."""

from __future__ import annotations

import argparse

from evaluator.commands.arguments import Commands, add_json
from evaluator.commands.output import SOUND, write_json
from evaluator.verdict import COUNTED_BASES

BROUGHT = {"checks": "checks of our own", "collection": "a Postman collection", "document": "an OpenAPI document"}


def declare(commands: Commands) -> None:
    command = commands.add_parser("contracts", help="list the contracts")
    command.set_defaults(command=contracts)
    command.add_argument("folder", nargs="?", help="look at the contract in this folder instead")
    add_json(command, "the list")


def contracts(chosen: argparse.Namespace) -> int:
    """List the contracts, or look at one in a folder; the exit status."""
    from evaluator.contract import catalogue, known_packs, pack_named

    listed: list[dict[str, object]] = []
    for name in [chosen.folder] if chosen.folder else known_packs():
        pack, checks = pack_named(name), catalogue(name)
        counted = sum(check.clause.basis in COUNTED_BASES for check in checks)
        operations = {check.operation for check in checks}
        listed.append(
            {
                "name": pack.name,
                "title": pack.title,
                "brings": pack.kind,
                "base": pack.base,
                "health": pack.health,
                "checks": counted,
                "operations": len(operations),
            }
        )
    if chosen.json:
        write_json(chosen.json, listed)
    else:
        for entry in listed:
            brought = BROUGHT[str(entry["brings"])]
            print(f"{entry['name']}  {entry['checks']} checks over {entry['operations']} operations, from {brought}")
    return SOUND
