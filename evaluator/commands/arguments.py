"""Arguments that several commands share."""

from __future__ import annotations

import argparse
import time
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_sandbox(command: argparse.ArgumentParser) -> None:
    command.add_argument("--sandbox", help="bubblewrap or container; default: what this machine offers")


def add_as_of(command: argparse.ArgumentParser) -> None:
    command.add_argument("--as-of", metavar="DATE", type=_date, help="leave out later releases of dependencies")


def add_contract(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--contract", metavar="NAME_OR_FOLDER", help=f"contract to judge by (see `contracts`); default: {default}"
    )


def add_json(command: argparse.ArgumentParser, what: str = "the verdict") -> None:
    command.add_argument("--json", metavar="FILE", help=f"write {what} there; - for standard output")


def add_formats(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--sarif", metavar="FILE", help="write the findings there as SARIF 2.1.0; - for standard output"
    )
    command.add_argument("--junit", metavar="FILE", help="write JUnit XML there; - for standard output")


def add_tools(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--tools",
        metavar="NAMES",
        nargs="?",
        const="all",
        default="",
        help="run ordinary tools too, in the sandbox: all, or names such as ruff,mypy; they decide nothing",
    )


def add_repeat(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--repeat", metavar="N", type=count, default=1, help="judge N times; a check that differs is unstable"
    )


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _date(text: str) -> str:
    time.strptime(text, "%Y-%m-%d")
    return text
