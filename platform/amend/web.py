"""How the web process is started."""

from __future__ import annotations

import sys


def web_process(*, host: str, port: int, patience_seconds: int = 3) -> list[str]:
    """The command. Asked to stop, it waits so long for what it is answering: open streams would hold it for ever."""
    uvicorn = [sys.executable, "-m", "uvicorn", "amend.asgi:application", "--host", host, "--port", str(port)]
    uvicorn += ["--http", "amend.joined_writes:JoinedWrites", "--timeout-graceful-shutdown", str(patience_seconds)]
    return [*uvicorn, "--log-level", "warning", "--no-access-log", "--no-server-header"]
