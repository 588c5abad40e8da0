"""Replay is the only way from the log to the files, so it must agree with the editor in every case, or refuse.

The oracles: a naive model over lists of code units, CodeMirror itself, and the vectors of test_replay_vectors.py.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.change_sets import ChangeDoesNotFit, apply_changes
from annotations.documents import Document, open_document
from annotations.replay import LARGEST_DOCUMENT, MOST_FILES, BrokenLog, Workspace, hash_mismatches, replay

# Half emoji, emoji, line breaks of all kinds: what goes wrong between Python and JavaScript.
texts = st.text(st.sampled_from("ab\n\r\u2028é漢😀\ud83d\ude00\ufeff"), max_size=12)


def code_units(text: str) -> list[bytes]:
    utf16 = text.encode("utf-16-le", "surrogatepass")
    return [utf16[i : i + 2] for i in range(0, len(utf16), 2)]


@st.composite
def edits(draw: st.DrawFn, length: int) -> tuple[list[Any], list[tuple[int, int, str]]]:
    """A change set for a document of `length` code units, and the same as (start, end, text)."""
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=12)))
    changes: list[Any] = []
    replacements = []
    position = 0
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        text = draw(texts)
        changes += [start - position, [end - start, *text.split("\n")] if text else [end - start]]
        replacements.append((start, end, text))
        position = end
    return [*changes, length - position], replacements


# A busy machine draws slowly; that is no fault of the strategy.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts, st.data())
def test_a_change_set_does_what_a_naive_model_over_code_units_does(text: str, data: st.DataObject) -> None:
    document = bytearray(Document(text).utf16)
    model = code_units(text)
    changes, replacements = data.draw(edits(len(model)))
    for start, end, inserted in reversed(replacements):
        model[start:end] = code_units(inserted)

    apply_changes(document, changes, longest=LARGEST_DOCUMENT)

    assert bytes(document) == b"".join(model)


scalars = st.none() | st.booleans() | st.integers(-5, 40) | st.floats() | texts | st.just(10**30)
garbage = scalars | st.lists(scalars | st.lists(scalars, max_size=3), max_size=3)
keys = st.sampled_from(["path", "to", "text", "changes", "user", "kind", "seq"])
kinds = st.sampled_from(["edit", "file.created", "file.renamed", "file.deleted", "opened", "nonsense"])
values = garbage | kinds | st.sampled_from(["a", "b/c", "b", "../x", "a/b"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.dictionaries(keys, values), max_size=4))
def test_garbage_raises_broken_log_and_nothing_else_and_changes_nothing(log: list[dict[str, Any]]) -> None:
    workspace = Workspace({"a": b"abc", "b/c": b"\0"})
    for seq, event in enumerate(log, 1):
        before = workspace.files()
        try:
            workspace.apply({"kind": "edit", "path": "a", "seq": seq, **event})
        except BrokenLog as refusal:
            assert refusal.sentence
            assert workspace.files() == before
            return


@given(st.data())
def test_replaying_a_log_in_batches_gives_what_replaying_it_at_once_gives(data: st.DataObject) -> None:
    files = {"a": b"one\r\ntwo\r\n", "b": "x😀".encode(), "c": b"\0"}
    whole = Workspace(files)
    log: list[dict[str, Any]] = []
    for seq in range(1, data.draw(st.integers(0, 8)) + 1):
        path = data.draw(st.sampled_from(["a", "b"]))
        document = whole.documents()[path]
        assert document is not None
        changes, _ = data.draw(edits(len(document.utf16) // 2))
        log.append({"seq": seq, "kind": "edit", "path": path, "changes": changes, "user": ""})
        whole.apply(log[-1])
    cut = data.draw(st.integers(0, len(log)))

    in_batches = Workspace(files)
    for batch in (log[:cut], log[cut:]):
        for event in batch:
            in_batches.apply(event)

    assert in_batches.documents() == whole.documents()
    assert in_batches.files() == whole.files() == replay(files, log)
    assert in_batches.digest() == whole.digest()


@given(st.dictionaries(st.sampled_from(["x", "y/z", "w"]), st.binary(max_size=40)), texts)
def test_an_edit_never_touches_another_file(others: dict[str, bytes], text: str) -> None:
    before = {**others, "a": b"abc"}
    changes = [3, [0, *text.split("\n")]]
    after = replay(before, [{"seq": 1, "kind": "edit", "path": "a", "changes": changes, "user": ""}])
    assert {path: after[path] for path in others} == others


@given(st.binary(max_size=60) | texts.map(lambda text: text.encode("utf-8", "replace")))
def test_opening_a_file_as_text_and_writing_it_back_gives_the_same_bytes(content: bytes) -> None:
    document = open_document(content)
    assert document is None or document.to_bytes() == content


@pytest.mark.parametrize("content", [b"\0", b"text\0", b"caf\xe9", b"\xed\xa0\x80", b"\xff\xfe"])
def test_bytes_that_are_no_utf8_or_hold_a_nul_are_not_text(content: bytes) -> None:
    assert open_document(content) is None


def test_each_half_of_an_emoji_alone_is_written_as_one_replacement_character() -> None:
    assert Document("\ud83dx\ude00\ude00").to_bytes() == "\ufffdx\ufffd\ufffd".encode()


def test_a_gap_in_the_numbers_breaks_the_log() -> None:
    workspace = Workspace({})
    workspace.apply({"seq": 4, "kind": "focus"})
    with pytest.raises(BrokenLog, match="Event 6"):
        workspace.apply({"seq": 6, "kind": "blur"})


def test_a_file_may_not_grow_beyond_the_limit_but_may_shrink_above_it() -> None:
    workspace = Workspace({"a": b"x" * LARGEST_DOCUMENT, "b": b"x" * (LARGEST_DOCUMENT + 2)})
    workspace.apply({"seq": 1, "kind": "edit", "path": "b", "changes": [LARGEST_DOCUMENT + 1, [1]]})
    with pytest.raises(BrokenLog, match="larger"):
        workspace.apply({"seq": 2, "kind": "edit", "path": "a", "changes": [LARGEST_DOCUMENT, [0, "x"]]})


def test_there_may_not_be_more_files_than_the_limit() -> None:
    workspace = Workspace({f"{number}.py": b"" for number in range(MOST_FILES)})
    with pytest.raises(BrokenLog, match="5,000"):
        workspace.apply({"seq": 1, "kind": "file.created", "path": "one-more.py", "text": ""})


def test_a_file_that_comes_back_with_windows_line_ends_has_the_bytes_it_had() -> None:
    workspace = Workspace({"a.txt": b"one\r\ntwo\r\n"})
    before = workspace.digest()
    workspace.apply({"seq": 1, "kind": "file.deleted", "path": "a.txt"})
    created = {"seq": 2, "kind": "file.created", "path": "a.txt", "text": "one\ntwo\n"}
    with pytest.raises(BrokenLog, match="neither LF nor CRLF"):
        workspace.apply({**created, "line_separator": "\r"})
    workspace.apply({**created, "line_separator": "\r\n"})
    assert workspace.files() == {"a.txt": b"one\r\ntwo\r\n"}
    assert workspace.changed_paths() == []
    assert workspace.digest() == before


def test_changed_paths_are_those_whose_bytes_differ_from_the_start() -> None:
    workspace = Workspace({"same": b"x", "edited": b"x", "undone": b"x", "deleted": b"", "old": b"y"})
    events: list[dict[str, Any]] = [
        {"kind": "edit", "path": "edited", "changes": [1, [0, "!"]]},
        {"kind": "edit", "path": "undone", "changes": [1, [0, "!"]]},
        {"kind": "edit", "path": "undone", "changes": [1, [1]]},
        {"kind": "file.deleted", "path": "deleted"},
        {"kind": "file.renamed", "path": "old", "to": "new"},
        {"kind": "file.created", "path": "created", "text": ""},
    ]
    for seq, event in enumerate(events, 1):
        workspace.apply({"seq": seq, **event})
    assert workspace.changed_paths() == ["created", "deleted", "edited", "new", "old"]


def test_a_hash_that_is_not_that_of_the_files_is_told_by_its_number() -> None:
    files = {"a": b"x"}
    log = [
        {"seq": 1, "kind": "hash", "digest": Workspace(files).digest()},
        {"seq": 2, "kind": "edit", "path": "a", "changes": [[1, "y"]]},
        {"seq": 3, "kind": "hash", "digest": Workspace(files).digest()},
        {"seq": 4, "kind": "hash", "digest": Workspace({"a": b"y"}).digest()},
    ]
    assert hash_mismatches(files, log) == [3]


def test_a_change_set_of_thousands_of_sections_is_applied_in_one_pass() -> None:
    document = bytearray(Document("a " * 20_000).utf16)
    apply_changes(document, [[1, "bc"], 1] * 20_000, longest=LARGEST_DOCUMENT)
    assert document == bytearray(Document("bc " * 20_000).utf16)


def test_a_change_that_does_not_fit_leaves_the_document_as_it_was() -> None:
    document = bytearray(Document("abc").utf16)
    with pytest.raises(ChangeDoesNotFit):
        apply_changes(document, [[2, "x"], 2], longest=LARGEST_DOCUMENT)
    assert document == bytearray(Document("abc").utf16)


def test_codemirror_and_replay_agree_on_random_editing(editor_packages: Path) -> None:
    """The differential test: CodeMirror edits, undoes and redoes; replay must end with the same text."""
    oracle = Path(__file__).parent / "codemirror_oracle.mjs"
    output = subprocess.run(
        ["node", str(oracle), str(editor_packages), "150", "40", "20261124"],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    cases = [json.loads(line) for line in output.splitlines()]
    assert len(cases) == 150
    for case in cases:
        document = bytearray(Document(case["before"]).utf16)
        for changes in case["changes"]:
            apply_changes(document, changes, longest=LARGEST_DOCUMENT)
        assert document == bytearray(Document(case["after"]).utf16)
