"""A player that starts at a keyframe must show what replay from the beginning shows."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotations import keyframes as module
from annotations.keyframes import chunk, keyframes
from annotations.replay import Workspace

GENERATED = {"a.py": b"one\r\ntwo\r\n", "b.py": b"x\n", "c.bin": b"\0"}


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A log of edits, creations, renames and deletions that fits the generated files."""
    workspace, events = Workspace(GENERATED), []
    for seq in range(1, draw(st.integers(1, 40)) + 1):
        paths = [path for path in ("a.py", "b.py", "n.py", "m.py") if workspace.has(path)]
        free = [path for path in ("n.py", "m.py", "b.py") if not workspace.has(path)]
        kind = draw(st.sampled_from(["edit", "edit", "edit", "file.created", "file.renamed", "file.deleted", "focus"]))
        what: dict[str, Any] = {}
        if kind == "edit" and paths:
            path = draw(st.sampled_from(paths))
            document = workspace.document(path)
            length = len(document.utf16) // 2 if document else 0
            at = draw(st.integers(0, length))
            what = {
                "path": path,
                "changes": [at, [0, draw(st.sampled_from(["y", "😀", "\r", "z"]))], length - at],
                "user": "",
            }
        elif kind == "file.created" and free:
            what = {"path": draw(st.sampled_from(free)), "text": "new\n"}
        elif kind == "file.renamed" and paths and free:
            what = {"path": draw(st.sampled_from(paths)), "to": draw(st.sampled_from(free))}
        elif kind == "file.deleted" and paths:
            what = {"path": draw(st.sampled_from(paths))}
        else:
            kind = "focus"
        event = {"seq": seq, "at": seq, "mono": seq, "page": "p", "kind": kind, **what}
        workspace.apply(event)
        events.append(event)
    return events


@given(logs())
def test_from_any_keyframe_the_chunk_leads_to_the_files_of_the_next(events: list[dict[str, Any]]) -> None:
    size, module.ENTRIES_A_CHUNK = module.ENTRIES_A_CHUNK, 7
    try:
        frames = keyframes(GENERATED, events)
        assert len(frames.frames) == -(-len(events) // 7)
        whole = Workspace(GENERATED)
        for number, frame in enumerate(frames.frames):
            documents = {path: doc and doc.text for path, doc in Workspace(GENERATED).documents().items()}
            documents = {path: text for path, text in documents.items() if path not in frame.gone} | frame.texts
            assert documents == {path: doc and doc.text for path, doc in whole.documents().items()}
            played = chunk(events, number)
            assert all(event in events[7 * number : 7 * number + 7] for event in played)
            for event in events[7 * number : 7 * number + 7]:
                whole.apply(event)
        assert frames.digest == whole.digest()
    finally:
        module.ENTRIES_A_CHUNK = size


def test_a_log_that_does_not_replay_ends_where_it_breaks_and_says_why() -> None:
    events = [
        {"seq": 1, "kind": "edit", "path": "b.py", "changes": [2, [0, "y"]], "user": ""},
        {"seq": 2, "kind": "hash", "digest": "not it"},
        {"seq": 3, "kind": "edit", "path": "b.py", "changes": [99], "user": ""},
        {"seq": 4, "kind": "focus"},
    ]
    frames = keyframes(GENERATED, events)
    assert (frames.entries, frames.mismatches, frames.broken_at) == (2, (2,), 3)
    assert "99 code units" in frames.broken
