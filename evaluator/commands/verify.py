"""`verify`: read the program in a folder and say which constraints hold; nothing of it is started.

Exit status: 0 all conforming, 1 something violated, 4 nothing violated but something uncertain, 2 bad input.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import TextWrapper
from time import perf_counter
from typing import TYPE_CHECKING, Any

from evaluator.commands.arguments import Commands, add_formats, add_json, add_sandbox, add_tools
from evaluator.commands.output import check_one_standard_output, on_standard_output, write_bytes, write_json
from evaluator.errors import BadInput
from evaluator.source_tree import SourceTree, read_sources
from evaluator.tasks import FRAMEWORKS, OFFERED_CONSTRAINTS, RUNTIMES, Constraint, Task, all_tasks, task_by_id

if TYPE_CHECKING:
    from evaluator.verdict import Conformance, Finding, ToolReport

CONFORMING, VIOLATED, UNCERTAIN = 0, 1, 4
SHOWN_SKIPPED = 10
WORDS = {"conforming": "conforming", "violated": "VIOLATED", "uncertain": "uncertain: a person decides"}
MESSAGE = TextWrapper(width=110, initial_indent="    ", subsequent_indent="    ")
MEND = TextWrapper(width=110, initial_indent="    mend: ", subsequent_indent="          ")


def declare(commands: Commands) -> None:
    command = commands.add_parser(
        "verify",
        help="which constraints hold, read from the program in a folder; nothing is started",
        description="Reads the program in a folder and says which constraints hold. Nothing of it is started. "
        "Exit status: 0 all conforming, 1 something violated, 4 nothing violated but something uncertain, 2 bad input.",
        epilog=f"Constraints: {_known()}.",
    )
    command.set_defaults(command=verify)
    command.add_argument("path", help="folder of the backend")
    command.add_argument(
        "--constraint",
        action="append",
        default=[],
        metavar="KIND=VALUE",
        help="a constraint that must hold, such as database=postgres; may be given again for another kind",
    )
    command.add_argument(
        "--task", metavar="ID", help="take the constraints of this task; default: the one the folder is named for"
    )
    add_json(command, "conformance and findings")
    add_formats(command)
    add_tools(command)
    add_sandbox(command)


@dataclass(frozen=True)
class Read:
    """What was read of a folder, and what verifiers and tools found in it. `seconds` is what the verifiers took."""

    name: str
    constraints: tuple[Constraint, ...]
    tree: SourceTree
    findings: tuple[Finding, ...]
    conformance: dict[str, Conformance]
    seconds: float
    tools: tuple[ToolReport, ...] = ()


def verify(chosen: argparse.Namespace) -> int:
    """Print the state of each constraint with its findings; the exit status, in which tools have no say."""
    from evaluator.verifiers import verify_constraints

    check_one_standard_output(chosen)
    path = Path(chosen.path)
    constraints = _constraints(chosen.constraint, chosen.task, path)
    tree = read_sources(path)
    if not tree.files:
        raise BadInput(f"The folder “{path}” holds no file that can be read.")
    started = perf_counter()
    findings, conformance = verify_constraints(tree.files, constraints)
    seconds = perf_counter() - started
    tools = _tools(chosen, constraints, tree)
    read = Read(path.absolute().name, constraints, tree, findings, conformance, seconds, tools)
    _write(chosen, read)
    if not on_standard_output(chosen):
        print(_report(read))
    return status_of(conformance.values())


def _tools(chosen: argparse.Namespace, constraints: tuple[Constraint, ...], tree: SourceTree) -> tuple[ToolReport, ...]:
    """What ordinary tools say, where they are asked; in the sandbox, with the dependencies that the folder names."""
    if not chosen.tools:
        return ()
    from evaluator.environments import prepare_environment
    from evaluator.sandbox import choose_sandbox
    from evaluator.tools import inspect, tools_named

    tools = tools_named(chosen.tools)
    sandbox = choose_sandbox(chosen.sandbox)
    task = _task(chosen.task or Path(chosen.path).absolute().name, constraints, tree)
    environment = None
    if task.runtime.dependency_file in tree.files:
        environment = prepare_environment(tree.files, task, sandbox=sandbox)
    return inspect(tree.files, task, sandbox=sandbox, environment=environment, tools=tools)


def _task(name: str, constraints: tuple[Constraint, ...], tree: SourceTree) -> Task:
    """The task of this id, or one of the runtime that the folder looks like."""
    known = all_tasks().get(name)
    if known is not None:
        return known
    python = sum(path.endswith(".py") for path in tree.files)
    javascript = sum(path.endswith((".js", ".mjs", ".cjs", ".ts")) for path in tree.files)
    framework = FRAMEWORKS["express" if javascript > python else "flask"]
    return Task(name, RUNTIMES[framework.runtime], framework, constraints)


def _write(chosen: argparse.Namespace, read: Read) -> None:
    """Write what was found in the formats asked for."""
    from evaluator.evaluate import evaluator_version

    if chosen.json:
        write_json(chosen.json, _document(read))
    if chosen.sarif:
        from evaluator.sarif import sarif_of

        log = sarif_of(
            read.findings,
            version=evaluator_version(),
            tools=read.tools,
            files=read.tree.files,
            conformance=read.conformance,
            name=read.name,
        )
        write_json(chosen.sarif, log)
    if chosen.junit:
        from evaluator.junit import constraint_cases, document_of, tool_cases

        cases = (*constraint_cases(read.conformance, read.findings), *tool_cases(read.tools))
        write_bytes(chosen.junit, document_of(read.name, cases, read.seconds))


def status_of(states: Iterable[Conformance]) -> int:
    """The exit status that the states of constraints amount to: the worst of them."""
    amounts = {"conforming": CONFORMING, "uncertain": UNCERTAIN, "violated": VIOLATED}
    return max((amounts[state] for state in states), key=[CONFORMING, UNCERTAIN, VIOLATED].index)


def _constraints(given: Sequence[str], task_id: str | None, path: Path) -> tuple[Constraint, ...]:
    """What must hold: as given, else the constraints of the task that is named or the folder is named for."""
    if task_id and given:
        raise BadInput("Give either --constraint or --task: a task has constraints of its own.")
    name = task_id or path.absolute().name
    if not given and (task_id or name in all_tasks()):
        constraints = task_by_id(name).constraints
        if not constraints:
            raise BadInput(f"The task “{name}” has no constraint, so there is nothing to verify.")
        return constraints
    if not given:
        raise BadInput(f"Say what must hold, with --constraint KIND=VALUE or --task ID. There are: {_known()}.")
    chosen = tuple(dict.fromkeys(_constraint(text) for text in given))
    kinds = [constraint.kind for constraint in chosen]
    for kind in kinds:
        if kinds.count(kind) > 1:
            values = " and ".join(constraint.value for constraint in chosen if constraint.kind == kind)
            raise BadInput(f"--constraint demands {kind} {values}; it can be one of them only.")
    return chosen


def _constraint(text: str) -> Constraint:
    kind, equals, value = (part.strip() for part in text.partition("="))
    of_kind = [constraint for constraint in OFFERED_CONSTRAINTS.values() if constraint.kind == kind]
    if not equals and text in OFFERED_CONSTRAINTS:
        raise BadInput(f"“{text}” names no kind; did you mean {OFFERED_CONSTRAINTS[text].kind}={text}?")
    if not equals:
        raise BadInput(f"“{text[:80]}” is not KIND=VALUE, such as database=postgres. There are: {_known()}.")
    if not of_kind:
        raise BadInput(f"There is no kind of constraint “{kind[:80]}”. There are: {_known()}.")
    for constraint in of_kind:
        if constraint.value == value:
            return constraint
    values = ", ".join(constraint.value for constraint in of_kind)
    raise BadInput(f"There is no {kind} “{value[:80]}” to verify; there is: {values}.")


def _known() -> str:
    return ", ".join(f"{constraint.kind}={constraint.value}" for constraint in OFFERED_CONSTRAINTS.values())


def _document(read: Read) -> dict[str, Any]:
    """`constraints`, `conformance`, `findings` and `tools` as in a verdict, beside what was not read."""
    from evaluator.evaluate import evaluator_version

    return {
        "constraints": [constraint.value for constraint in read.constraints],
        "conformance": read.conformance,
        "findings": [asdict(finding) for finding in read.findings],
        "tools": [asdict(report) for report in read.tools],
        "skipped": read.tree.skipped,
        "timings": {"verify": round(read.seconds, 4)},
        "environment": {"evaluator": evaluator_version()},
    }


def _report(read: Read) -> str:
    from evaluator.report import harmless, tool_lines

    lines: list[str] = []
    for constraint in read.constraints:
        of_it = [finding for finding in read.findings if finding.constraint == constraint.value]
        lines.append(f"{constraint.kind}={constraint.value}: {WORDS[read.conformance[constraint.value]]}")
        lines += [line for finding in of_it for line in _told(finding)]
    lines += tool_lines(read.tools)
    lines += _skipped(read.tree)
    lines.append(f"{len(read.tree.files):,} files, {read.seconds:.2f} s")
    return "\n".join(harmless(line) for line in lines)


def _told(finding: Finding) -> Iterator[str]:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path or "the project"
    yield f"  {finding.rule}  {place}{'' if finding.certainty == 'certain' else '  (uncertain)'}"
    yield from MESSAGE.wrap(finding.message)
    yield from MEND.wrap(finding.mend) if finding.mend else ()


def _skipped(tree: SourceTree) -> Iterator[str]:
    for name in list(tree.skipped)[:SHOWN_SKIPPED]:
        yield f"skipped: “{name}” {tree.skipped[name]}"
    if len(tree.skipped) > SHOWN_SKIPPED:
        yield f"skipped: {len(tree.skipped) - SHOWN_SKIPPED} more; --json lists all"
