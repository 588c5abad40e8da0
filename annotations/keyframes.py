"""A long log cut into chunks with the files at the start of each, so that a player can jump anywhere at once.

Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.replay import BrokenLog, Workspace

Event = Mapping[str, Any]

ENTRIES_A_CHUNK = 2_000
# What a player needs of a chunk; of the rest only the time and the kind are told.
PLAYED = frozenset(
    ["edit", "file.created", "file.renamed", "file.deleted", "file.opened", "selected", "scrolled", "finding.opened"]
)
_SHOWS = frozenset(["edit", "file.opened", "file.created", "file.renamed"])  # the file they are about


@dataclass(frozen=True)
class Keyframe:
    """The files before the first entry of a chunk: those that differ from the generated ones, and those gone.

    `texts`: path → text, None where the file is not text. `shown` is the file that was on the screen.
    """

    texts: dict[str, str | None]
    gone: tuple[str, ...]
    shown: str


@dataclass(frozen=True)
class Keyframes:
    """All keyframes of a log, one per `ENTRIES_A_CHUNK` entries. `broken`: why the log ends early, or empty.

    `digest` is the hash of the files after the last entry that fits, `mismatches` the entries whose hash was another.
    """

    frames: tuple[Keyframe, ...]
    entries: int
    digest: str
    mismatches: tuple[int, ...]
    broken: str
    broken_at: int


def keyframes(generated: Mapping[str, bytes], events: Iterable[Event]) -> Keyframes:
    """Replay a whole log once. Entries after one that does not fit are left out, and that is said."""
    workspace = Workspace(generated)
    touched: set[str] = set()
    frames, mismatches, shown = [], [], ""
    broken, broken_at, entries = "", 0, 0
    for event in events:
        if entries % ENTRIES_A_CHUNK == 0:
            frames.append(_frame(workspace, generated, touched, shown))
        try:
            workspace.apply(event)
        except BrokenLog as error:
            broken, broken_at = str(error), error.seq
            break
        entries += 1
        kind = event["kind"]
        if kind in _SHOWS:
            shown = event.get("to", event["path"])
            if kind != "file.opened":
                touched.add(shown)
        elif kind == "hash" and event.get("digest") != workspace.digest():
            mismatches.append(event["seq"])
    return Keyframes(tuple(frames), entries, workspace.digest(), tuple(mismatches), broken, broken_at)


def chunk(events: Sequence[Event], number: int) -> list[Event]:
    """The entries of one chunk that a player plays, in order."""
    start = number * ENTRIES_A_CHUNK
    return [event for event in events[start : start + ENTRIES_A_CHUNK] if event["kind"] in PLAYED]


def _frame(workspace: Workspace, generated: Mapping[str, bytes], touched: set[str], shown: str) -> Keyframe:
    texts = {}
    for path in sorted(touched):
        if workspace.has(path):
            document = workspace.document(path)
            texts[path] = document.text if document else None
    gone = tuple(sorted(path for path in generated if not workspace.has(path)))
    return Keyframe(texts, gone, shown)
