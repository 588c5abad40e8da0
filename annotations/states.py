"""What a page needs to take a session up: the files as the log has them, and where things stand."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import timezone

from annotations.documents import open_document
from annotations.effort import measure_effort
from annotations.event_log import LogRefusal, read_events
from annotations.models import RepairSession
from annotations.replay import BrokenLog, Workspace
from annotations.sessions import latest_run, mark_broken


def session_state(session: RepairSession) -> dict[str, Any]:
    """The answer to `GET state` of the workspace protocol. Raises LogRefusal `broken` where the log does not replay."""
    generated = session.generated.files()
    events = read_events(session)
    workspace = Workspace(generated)
    try:
        for event in events:
            workspace.apply(event)
    except BrokenLog as error:
        mark_broken(session_id=session.pk, error=error)
        raise LogRefusal("broken", str(error), accepted=session.accepted) from error
    study = session.assignment.backend.study
    effort = measure_effort(events, idle_limit_seconds=study.idle_limit_seconds)
    run = latest_run(session)
    return {
        "session": session.pk,
        "token": session.token,
        "client": session.client,
        "accepted": session.accepted,
        "digest": workspace.digest(),
        "files": _files(workspace, generated),
        "deleted": sorted(generated.keys() - workspace.files().keys()),
        "closed": session.closed,
        "closed_at": session.closed_at.isoformat() if session.closed_at else None,
        "closing_reason": session.closing_reason,
        "server_time": timezone.now().isoformat(),
        "idle_limit_seconds": study.idle_limit_seconds,
        "active_seconds": effort.active_seconds,
        "time_limit_seconds": study.time_limit_seconds,
        "last_run": {"id": run.pk, "state": run.state, "purpose": run.purpose} if run else None,
    }


def _files(workspace: Workspace, generated: dict[str, bytes]) -> list[dict[str, Any]]:
    changed = set(workspace.changed_paths())
    contents = workspace.files()
    files = []
    for path, document in workspace.documents().items():
        file: dict[str, Any] = {"path": path, "generated": path in generated, "changed": path in changed}
        if document is None:
            content = contents[path]
            file |= {"text": None, "content_sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        else:
            file |= {"text": document.text, "line_separator": document.line_separator}
            if path in changed and path in generated:
                # What a page marks changed lines against.
                original = open_document(generated[path])
                file["original"] = original.text if original else None
        files.append(file)
    return files
