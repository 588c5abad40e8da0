"""The vectors that the server and the editor share: both must read a log in the same way."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from annotations.documents import Document
from annotations.replay import BrokenLog, Workspace, digest, replay

VECTORS = json.loads((Path(__file__).parent / "replay_vectors.json").read_text())


def by_name(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def content(files: dict[str, dict[str, str]]) -> dict[str, bytes]:
    return {path: base64.b64decode(file["base64"]) for path, file in files.items()}


@by_name(VECTORS["cases"])
def test_a_log_gives_the_documents_bytes_and_digest_written_in_the_vector(case: dict[str, Any]) -> None:
    workspace = Workspace(content(case["files"]))
    for event in case["events"]:
        workspace.apply(event)

    documents = workspace.documents()
    assert documents.keys() == case["expected"].keys()
    for path, expected in case["expected"].items():
        if "base64" in expected:
            assert documents[path] is None
            assert workspace.files()[path] == base64.b64decode(expected["base64"])
        else:
            assert documents[path] == Document(expected["text"], expected["line_separator"])
    assert workspace.digest() == case["digest"]
    for path, expected_bytes in content(case["expected_bytes"]).items():
        assert workspace.files()[path] == expected_bytes


@by_name([case for case in VECTORS["cases"] if not case["events"]])
def test_the_digest_of_opened_files_is_that_of_an_empty_log(case: dict[str, Any]) -> None:
    assert digest(content(case["files"])) == case["digest"]


@by_name(VECTORS["broken"])
def test_a_broken_log_is_refused_where_it_breaks_and_changes_nothing(case: dict[str, Any]) -> None:
    *sound, broken = case["events"]
    workspace = Workspace(content(case["files"]))
    for event in sound:
        workspace.apply(event)
    before = workspace.files()

    with pytest.raises(BrokenLog) as refusal:
        workspace.apply(broken)

    assert refusal.value.seq == case["broken_at"]
    assert refusal.value.sentence.endswith(".")
    assert workspace.files() == before
    with pytest.raises(BrokenLog):
        replay(content(case["files"]), case["events"])
