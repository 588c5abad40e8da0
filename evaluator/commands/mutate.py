"""`mutate`: run the suites on seeded faults, and show which suite kills which."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.commands.arguments import Commands, add_json, add_sandbox
from evaluator.commands.output import NOT_SOUND, SOUND, VOID, write_json
from evaluator.errors import BadInput

PUBLISHED_COLLECTION = "../shared/conduit/Conduit.postman_collection.json"

if TYPE_CHECKING:
    from evaluator.faults import Fault
    from evaluator.faults.mutate import Trial
    from evaluator.faults.suites import Suite


def declare(commands: Commands) -> None:
    command = commands.add_parser("mutate", help="run the suites on seeded faults: which suite kills which")
    command.set_defaults(command=mutate)
    command.add_argument("--fault", nargs="+", metavar="ID", help="only these faults")
    command.add_argument("--category", metavar="C", help="only faults of this category, such as query-logic")
    command.add_argument(
        "--suite",
        default="ours,published,schemathesis",
        metavar="NAMES",
        help="which of ours, published and schemathesis, by commas; default: all",
    )
    command.add_argument(
        "--collection",
        metavar="FILE",
        help=f"the published Postman collection; default: {PUBLISHED_COLLECTION}, where it is there",
    )
    command.add_argument("--jobs", type=int, default=2, metavar="N", help="evaluations side by side")
    add_sandbox(command)
    add_json(command, "the trials")


def mutate(chosen: argparse.Namespace) -> int:
    """Print a table of the faults, the totals, and what the originals fail themselves.

    0 where our suite killed every fault, 1 where not, 3 where a run was void.
    """
    from tqdm import tqdm

    from evaluator.faults.mutate import Trial, evaluations
    from evaluator.faults.mutate import mutate as run
    from evaluator.faults.suites import PUBLISHED
    from evaluator.faults.table import document_of, originals_of, table_of, totals_of

    if chosen.jobs < 1:
        raise BadInput("--jobs must be at least 1.")
    faults = _faults(chosen.fault, chosen.category)
    suites = _suites(chosen.suite, chosen.collection, chosen.sandbox)
    with tqdm(total=evaluations(faults, suites), unit="run", disable=None) as bar:
        trials = run(faults, suites, jobs=chosen.jobs, on_observed=bar.update)
    if PUBLISHED in _names(chosen.suite) and all(suite.name != PUBLISHED for suite in suites):
        trials += tuple(Trial(fault, PUBLISHED, "not given") for fault in faults)
    if chosen.json:
        write_json(chosen.json, document_of(trials))
    if chosen.json != "-":
        print("\n\n".join(filter(None, (table_of(trials), totals_of(trials), originals_of(trials)))))
    return _status(trials)


def _status(trials: Sequence[Trial]) -> int:
    if any(trial.outcome == "void" for trial in trials):
        return VOID
    return NOT_SOUND if any(trial.suite == "ours" and trial.outcome != "killed" for trial in trials) else SOUND


def _faults(ids: list[str] | None, category: str | None) -> tuple[Fault, ...]:
    from evaluator.faults import CATEGORIES, catalogue, fault_named

    if category is not None and category not in CATEGORIES:
        raise BadInput(f"There is no category “{category}”; known: {', '.join(CATEGORIES)}.")
    faults = tuple(fault_named(id) for id in ids) if ids else catalogue()
    faults = tuple(fault for fault in faults if category in (None, fault.category.name))
    if not faults:
        raise BadInput("No seeded fault is of that category.")
    return faults


def _suites(names: str, collection: str | None, sandbox: str | None) -> tuple[Suite, ...]:
    """The suites by name; the published one is left out where its collection is not given and not there."""
    from evaluator.faults.suites import OURS, PUBLISHED, SCHEMATHESIS, ours, published, schemathesis

    suites: list[Suite] = []
    for name in _names(names):
        if name == OURS:
            suites.append(ours(sandbox))
        elif name == SCHEMATHESIS:
            suites.append(schemathesis(sandbox))
        elif name == PUBLISHED and (collection or Path(PUBLISHED_COLLECTION).is_file()):
            suites.append(published(Path(collection or PUBLISHED_COLLECTION), sandbox))
    return tuple(suites)


def _names(names: str) -> list[str]:
    from evaluator.faults.suites import SUITE_NAMES

    wanted = list(dict.fromkeys(name.strip() for name in names.split(",")))
    for name in wanted:
        if name not in SUITE_NAMES:
            raise BadInput(f"There is no suite “{name}”; known: {', '.join(SUITE_NAMES)}.")
    return wanted
