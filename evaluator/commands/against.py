"""`against`: judge a server that already runs, by the contract only."""

from __future__ import annotations

import argparse
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from evaluator.commands.arguments import Commands, add_contract, add_formats, add_json, add_repeat
from evaluator.commands.output import check_one_standard_output, hand_out, ticker
from evaluator.errors import BadInput
from evaluator.tasks import BENCHMARK_CONTRACT

if TYPE_CHECKING:
    from evaluator.evaluate import Progress
    from evaluator.verdict import CheckResult, Verdict


def declare(commands: Commands) -> None:
    command = commands.add_parser("against", help="judge a server that already runs: the contract only")
    command.set_defaults(command=against)
    command.add_argument("url", help="base of the API, such as http://127.0.0.1:8080/api")
    add_contract(command, BENCHMARK_CONTRACT)
    add_repeat(command)
    add_json(command)
    add_formats(command)


def against(chosen: argparse.Namespace) -> int:
    """Judge a server that already runs; the exit status."""
    from evaluator.contract.packs import pack_named
    from evaluator.repeat import judge_repeatedly

    check_one_standard_output(chosen)
    contract = pack_named(chosen.contract or BENCHMARK_CONTRACT).name
    host, port = _server_address(chosen.url)

    def judge(number: int) -> Verdict:
        tick = ticker(f"{number} of {chosen.repeat}  " if chosen.repeat > 1 else "")
        return _judge(chosen.url, host, port, contract, tick)

    return hand_out(judge_repeatedly(chosen.repeat, judge), chosen)


def _judge(url: str, host: str, port: int, contract: str, tick: Callable[[Progress], None]) -> Verdict:
    from evaluator.contract import catalogue, run_contract
    from evaluator.contract.client import Transport
    from evaluator.evaluate import Clock, Progress, evaluator_version
    from evaluator.verdict import Verdict, summarise

    clock = Clock()
    total = len(catalogue(contract))
    count = 0

    def tell(check: CheckResult) -> None:
        nonlocal count
        count += 1
        tick(Progress("contract", count, total, check.title))

    with clock.measure("contract"):
        checks = run_contract(
            url.rstrip("/"), transport=Transport(host=host, port=port), task_contract=contract, on_result=tell
        )
    return Verdict(
        task="",
        level=0,
        constraints=(),
        checks=checks,
        findings=(),
        conformance={},
        summary=summarise(checks, {}),
        timings=clock.timings(),
        environment={"evaluator": evaluator_version(), "server": url, "contract": contract},
    )


def _server_address(url: str) -> tuple[str, int]:
    """Host and port of a base address, after a first connection."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError as error:
        raise BadInput(f"“{url}” is not an address: {error}.") from error
    if parts.scheme != "http" or not host:
        raise BadInput(f"“{url}” is not an address that begins with http:// and names a host.")
    try:
        socket.create_connection((host, port), timeout=10).close()
    except OSError as error:
        raise BadInput(f"Nothing answers at {host} port {port}: {error.strerror or error}.") from error
    return host, port
