"""Looks for doors: files, variables, sockets, processes and system calls that ought to be out of reach.

One program for all of them, for a launch costs more than a look. Each probe tells what it found; nothing is stopped as
long as it found something.
"""

from __future__ import annotations

from typing import Any

import kernel
import leaks
import reach
from hostile import main, tell


def probe(**given: Any) -> None:
    """All probes, one line each: what it found, or that it broke."""
    tell(tried=True)
    for name, look in PROBES.items():
        try:
            tell(probe=name, found=[str(found)[:200] for found in look(given)][:20])
        except Exception as error:
            tell(probe=name, broken=f"{type(error).__name__}: {error}")


PROBES = {
    look.__name__.replace("_", "-"): look
    for look in (
        leaks.environment_leak,
        leaks.planted_file,
        leaks.closed_places,
        leaks.host_accounts,
        leaks.foreign_processes,
        leaks.inherited_descriptors,
        leaks.kernel_secrets,
        leaks.shared_memory_of_others,
        leaks.writing_outside,
        leaks.kernel_settings,
        leaks.socket_replaced,
        reach.host_loopback,
        reach.host_addresses,
        reach.network,
        reach.abstract_sockets,
        reach.host_sockets,
        reach.docker,
        reach.other_run,
        reach.proxy_and_database,
        kernel.capabilities,
        kernel.user_namespace,
        kernel.mounts,
        kernel.keyring,
        kernel.io_uring,
        kernel.strange_sockets,
        kernel.terminal_input,
        kernel.debugging,
        kernel.observation,
        kernel.the_machine,
        kernel.signals,
    )
}

main({"probe": probe})
