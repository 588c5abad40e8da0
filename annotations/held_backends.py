"""The verbs of a backend that is kept running in a session."""

from __future__ import annotations

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import SessionBackend
from annotations.sessions import held_session, replayed
from runs.holding import ask_to_hold, end_held
from runs.models import HeldBackend, HeldState
from studies.snapshots import store_snapshot


def keep_running(*, session_id: int, person: Person, holder: Holder, through: int) -> HeldBackend:
    """Keep the files as of entry `through` running. Raises LogRefusal like `request_checks`.

    What the person keeps running already, here or in another session, is ended.
    """
    with held_session(session_id, holder, through) as session:
        held = ask_to_hold(
            person=person,
            snapshot=store_snapshot(replayed(session, through=through).files()),
            task_id=session.assignment.backend.task_id,
        )
        SessionBackend.objects.create(session=session, held=held, through=through)
        return held


def latest_held(session_id: int) -> HeldBackend | None:
    """What was kept running last in this session, if anything was."""
    latest = SessionBackend.objects.filter(session=session_id).select_related("held__snapshot").last()
    return latest.held if latest else None


def end_all_of(session_id: int) -> None:
    """A session that is closed keeps nothing running."""
    for held in HeldBackend.objects.filter(of_session__session=session_id).exclude(state=HeldState.ENDED):
        end_held(held, "The session was closed.")
