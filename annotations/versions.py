"""The states of a session that can be compared: as generated, at every run, as submitted, as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.http import Http404

from annotations.access import runs_of_session
from annotations.models import CheckRequest, RepairSession
from annotations.replay import Files
from annotations.sessions import replayed
from runs.models import RunPurpose
from runs.panels import name_runs

GENERATED, NOW = "generated", "now"


@dataclass(frozen=True)
class Version:
    """One state of a session. `key` names it in addresses; `through` is the last entry of the log in force."""

    session: RepairSession
    key: str
    name: str
    through: int
    request: CheckRequest | None = None

    def files(self) -> Files:
        """Path → bytes. Raises BrokenLog for the present state of a log that does not replay."""
        if self.request is not None:
            return self.request.run.snapshot.files()
        if self.key == GENERATED:
            return self.session.generated.files()
        return dict(_files_now(self.session.pk, self.through))


def versions_of(session: RepairSession) -> list[Version]:
    """The states of a session, oldest first; the present one last, while the session is open."""
    names = {one.run.pk: one.name for one in name_runs(runs_of_session(session))}
    versions = [Version(session, GENERATED, "Generated", 0)]
    for request in session.check_requests.select_related("run__snapshot"):
        final = request.run.purpose == RunPurpose.FINAL
        name = "Submitted" if final else names.get(request.run_id, f"Run {request.run_id}")
        versions.append(Version(session, f"run-{request.run_id}", name, request.through, request))
    if not session.closed:
        versions.append(Version(session, NOW, "Now", session.accepted))
    return versions


def version_of(versions: list[Version], key: str, *, otherwise: Version) -> Version:
    """The version with this key; `otherwise` for no key. 404 where there is none of that name."""
    if not key:
        return otherwise
    for version in versions:
        if version.key == key:
            return version
    raise Http404("There is no such state of this session.")


@lru_cache(maxsize=8)
def _files_now(session_id: int, accepted: int) -> Files:
    """The log is append-only, so the files after an entry never change."""
    return replayed(RepairSession.objects.select_related("generated").get(pk=session_id), through=accepted).files()
