"""News of a session for the pages that have it open: who holds it, and which run is going on."""

from __future__ import annotations

from annotations.models import RepairSession
from runs import live
from runs.models import Run


def channel(session_id: int) -> str:
    return f"amend:session:{session_id}"


def tell_fenced(session: RepairSession) -> None:
    """The session has changed hands: pages with a smaller token must stop."""
    live.tell(channel(session.pk), {"event": "fenced", "token": session.token})


def tell_of_run(session: RepairSession, run: Run) -> None:
    """A run was asked for."""
    live.tell(channel(session.pk), {"event": "run", "run": run.pk})
