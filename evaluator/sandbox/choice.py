"""Which sandbox this machine can offer: one that works, and that no known attack gets through."""

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
    """The sandbox of this name after its self-test, which runs once per process; refused where an attack gets through.

    That is known from the last `sandbox-check`, or else found out now by the quick part of it, once for each start of
    the machine and version of ours. Raises SandboxUnavailable, and BadInput for an unknown name.
    """
    from evaluator.sandbox.attacks.record import known_or_checked_now

    sandbox = sandbox_named(name)
    sandbox.self_test()
    record = known_or_checked_now(sandbox)
    if record.holes:
        raise SandboxUnavailable(
            f"The sandbox “{name}” is not offered: attacks get through ({', '.join(record.holes)}); "
            f"python -m evaluator sandbox-check --sandbox {name} says more, and offers it again once all are stopped."
        )
    return sandbox


def sandbox_named(name: str) -> Sandbox:
    """The sandbox of this name, untested. Raises BadInput, and SandboxUnavailable where it cannot work at all."""
    if name not in NAMES:
        raise BadInput(f"There is no sandbox “{name}”; there are {' and '.join(NAMES)}.")
    if name == "container":
        from evaluator.sandbox.container import ContainerSandbox

        return ContainerSandbox()
    if sys.platform != "linux":
        raise SandboxUnavailable("bubblewrap needs Linux; start Docker to evaluate backends on this machine.")
    from evaluator.sandbox.bubblewrap import BubblewrapSandbox

    return BubblewrapSandbox()
