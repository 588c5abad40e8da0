"""`python -m evaluator mutate` answers bad input in a sentence, and really runs a mutant beside its original."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluator.__main__ import main
from tests.evaluator.conftest import sandbox_or_skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--fault", "koa-other-prt"], "Did you mean koa-other-port"),
        (["--category", "weather"], "no category “weather”"),
        (["--suite", "ours,theirs"], "no suite “theirs”"),
        (["--jobs", "0"], "at least 1"),
        (["--fault", "koa-other-port", "--category", "schema"], "of that category"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_a_collection_that_is_not_there_is_said_to_be_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["mutate", "--fault", "express-tags-stub", "--suite", "published"]) == 0
    assert "| – | not given | – |" in capsys.readouterr().out


@pytest.mark.sandbox
@pytest.mark.engines
def test_a_seeded_fault_is_killed_by_the_check_that_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox_or_skip("bubblewrap")
    file = tmp_path / "trials.json"
    chosen = ["--fault", "express-tags-stub", "--suite", "ours", "--sandbox", "bubblewrap", "--json", str(file)]
    assert main(["mutate", *chosen]) == 0
    (trial,) = json.loads(file.read_text())
    assert trial["outcome"] == "killed" and trial["as_expected"]
    assert "killed by tags.list.new-tag" in capsys.readouterr().out
