"""`announced`: which share of the failures ordinary tools announced before anything was started."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.commands.arguments import Commands, add_json, add_sandbox
from evaluator.commands.output import SOUND, VOID, write_json
from evaluator.errors import BadInput

if TYPE_CHECKING:
    from evaluator.faults import Fault
    from evaluator.sandbox import Sandbox
    from evaluator.tools.base import Tool
    from evaluator.verdict import ToolFinding, ToolReport

Said = tuple[tuple[str, "ToolFinding"], ...]


def declare(commands: Commands) -> None:
    command = commands.add_parser(
        "announced", help="which share of the failures ordinary tools announced: of seeded faults, or of backends"
    )
    command.set_defaults(command=announced)
    command.add_argument(
        "path", nargs="?", metavar="DIR", help="backends named by task ids, judged now; default: the seeded faults"
    )
    command.add_argument("--fault", nargs="+", metavar="ID", help="only these seeded faults")
    command.add_argument("--tools", default="all", metavar="NAMES", help="all, or names such as ruff,mypy")
    add_sandbox(command)
    add_json(command, "every failure with what announced it")


@dataclass(frozen=True)
class Failure:
    """One failure, and the findings that announced it. `group` is a category of faults, or the backend.

    `unfinished` are tools that had something to look at and did not finish.
    """

    name: str
    group: str
    said: Said
    place: str = ""
    unfinished: tuple[str, ...] = field(default_factory=tuple)


def announced(chosen: argparse.Namespace) -> int:
    """Print the share by group and by tool; 3 where some tool did not finish, for then the shares are lower bounds."""
    from evaluator.sandbox import choose_sandbox
    from evaluator.tools import tools_named

    if chosen.path and chosen.fault:
        raise BadInput("Give either a folder of backends or --fault.")
    tools, sandbox = tools_named(chosen.tools), choose_sandbox(chosen.sandbox)
    failures, unplaced = (
        _of_backends(Path(chosen.path), chosen.tools, sandbox)
        if chosen.path
        else (list(_of_faults(chosen.fault, tools, sandbox)), 0)
    )
    if chosen.json:
        write_json(chosen.json, [_document(failure) for failure in failures])
    if chosen.json != "-":
        print(_report(failures, tools, unplaced))
    return VOID if any(failure.unfinished for failure in failures) else SOUND


def _of_faults(ids: Sequence[str] | None, tools: Sequence[Tool], sandbox: Sandbox) -> Iterator[Failure]:
    """Of the seeded faults those that behave wrongly: announced is one that adds a finding to its original's."""
    from evaluator.announced import new_findings
    from evaluator.faults import catalogue, fault_named, mutated_files, original_files

    faults = [fault_named(id) for id in ids] if ids else [fault for fault in catalogue() if not fault.structural]
    originals: dict[str, tuple[ToolReport, ...]] = {}
    for number, fault in enumerate(faults, start=1):
        _tick(f"{number} of {len(faults)}  {fault.id}")
        if fault.backend not in originals:
            originals[fault.backend] = _asked(original_files(fault.backend), fault, tools, sandbox)
        before, after = originals[fault.backend], _asked(mutated_files(fault), fault, tools, sandbox)
        yield Failure(fault.id, fault.category.name, new_findings(before, after), "", _unfinished((*before, *after)))
    _tick("")


def _asked(files: dict[str, bytes], fault: Fault, tools: Sequence[Tool], sandbox: Sandbox) -> tuple[ToolReport, ...]:
    from evaluator.environments import prepare_environment
    from evaluator.tools import inspect

    environment = prepare_environment(files, fault.task, sandbox=sandbox)
    return inspect(files, fault.task, sandbox=sandbox, environment=environment, tools=tools)


def _of_backends(folder: Path, tools: str, sandbox: Sandbox) -> tuple[list[Failure], int]:
    """The causes of failures of backends that are judged now; and how many causes name no place in the code."""
    from evaluator.announced import announcements
    from evaluator.batch import find_backends
    from evaluator.evaluate import evaluate
    from evaluator.files import read_tree

    found, unplaced = [], 0
    backends = find_backends(folder)[0]
    for number, backend in enumerate(backends, start=1):
        _tick(f"{number} of {len(backends)}  {backend.name}")
        files = read_tree(backend.folder)
        verdict = evaluate(files, backend.task, sandbox=sandbox, tools=tools)
        for cause in verdict.causes:
            if not cause.path:
                unplaced += 1
                continue
            said = announcements(cause, verdict.tools, files)
            place = f"{cause.path}:{cause.line}"
            found.append(Failure(cause.title, backend.name, said, place, _unfinished(verdict.tools)))
    _tick("")
    return found, unplaced


def _unfinished(reports: Sequence[ToolReport]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(report.tool for report in reports if report.state in ("crashed", "timed-out")))


def _report(failures: Sequence[Failure], tools: Sequence[Tool], unplaced: int) -> str:
    from evaluator.report import harmless

    lines = [f"announced: {_share(failures, lambda failure: bool(failure.said))}"]
    for tool in tools:
        share = _share(failures, lambda failure, name=tool.name: any(said == name for said, _ in failure.said))
        if share.announced:
            lines.append(f"  by {tool.name}: {share}")
    for group in sorted({failure.group for failure in failures}):
        own = [failure for failure in failures if failure.group == group]
        lines.append(f"{group}: {_share(own, lambda failure: bool(failure.said))}")
        lines += [line for failure in own if failure.said for line in _told(failure)]
    if unplaced:
        lines.append(f"{unplaced} causes name no place in the code: nobody can tell whether they were announced")
    cut = sorted({tool for failure in failures for tool in failure.unfinished})
    if cut:
        lines.append(f"did not finish everywhere, so that the shares are lower bounds: {', '.join(cut)}")
    return "\n".join(harmless(line) for line in lines)


def _share(failures: Sequence[Failure], counts: Callable[..., bool]) -> Any:
    from evaluator.announced import Share

    return Share(sum(counts(failure) for failure in failures), len(failures))


def _told(failure: Failure) -> Iterator[str]:
    yield f"  {failure.name[:100]}{f'  ({failure.place})' if failure.place else ''}"
    for tool, found in failure.said[:3]:
        yield f"    {tool} {found.path}:{found.line}  {found.rule} {found.message[:100]}"


def _document(failure: Failure) -> dict[str, Any]:
    said = [{"tool": tool} | asdict(found) for tool, found in failure.said]
    return {
        "name": failure.name,
        "group": failure.group,
        "place": failure.place,
        "announced": bool(said),
        "said": said,
        "unfinished": list(failure.unfinished),
    }


def _tick(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text[:110]}")
        sys.stderr.flush()
