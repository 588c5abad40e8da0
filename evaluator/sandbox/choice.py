"""Which sandbox this machine can offer."""

from __future__ import annotations

import os
import sys
from functools import cache

from evaluator.errors import BadInput, SandboxUnavailable
from evaluator.sandbox.base import Sandbox

NAMES = ("bubblewrap", "container")


def choose_sandbox(name: str | None = None) -> Sandbox:
    """The named sandbox, else that of `AMEND_SANDBOX`, else bubblewrap where it works, else Docker where it answers.

    Raises SandboxUnavailable with one sentence that says what to switch on, BadInput for an unknown name.
    """
    wanted = name or os.environ.get("AMEND_SANDBOX") or ""
    if wanted:
        return working_sandbox(wanted)
    try:
        return working_sandbox("bubblewrap")
    except SandboxUnavailable as no_bubblewrap:
        try:
            return working_sandbox("container")
        except SandboxUnavailable as no_container:
            raise SandboxUnavailable(f"{no_bubblewrap} {no_container}") from no_container


@cache
def working_sandbox(name: str) -> Sandbox:
    """The sandbox of this name after its self-test, which runs once per process."""
    if name not in NAMES:
        raise BadInput(f"There is no sandbox “{name}”; there are {' and '.join(NAMES)}.")
    sandbox: Sandbox
    if name == "bubblewrap":
        if sys.platform != "linux":
            raise SandboxUnavailable("bubblewrap needs Linux; start Docker to evaluate backends on this machine.")
        from evaluator.sandbox.bubblewrap import BubblewrapSandbox

        sandbox = BubblewrapSandbox()
    else:
        from evaluator.sandbox.container import ContainerSandbox

        sandbox = ContainerSandbox()
    sandbox.self_test()
    return sandbox
