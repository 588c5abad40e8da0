"""Tools beside a run begin after the behaviour was judged, and their reports are part of the verdict."""

from __future__ import annotations

from typing import Any

import pytest

import evaluator.tools
from evaluator.errors import BadInput
from evaluator.evaluate import Progress, evaluate
from evaluator.verdict import Verdict
from tests.evaluator.tiny_backends import HEALTHY, PYTHON_TASK

BROKEN = HEALTHY | {"other.py": b"def f():\n    return missing\n"}


@pytest.mark.sandbox
def test_tools_begin_after_the_last_check_and_stand_in_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    ask = evaluator.tools.inspect

    def watched(*arguments: Any, **named: Any) -> Any:
        happened.append("tools")
        return ask(*arguments, **named)

    def tell(progress: Progress) -> None:
        if progress.check:
            happened.append("check")

    monkeypatch.setattr(evaluator.tools, "inspect", watched)
    verdict = evaluate(BROKEN, PYTHON_TASK, on_progress=tell, tools="ruff,eslint")
    assert happened.count("check") > 100
    assert happened.index("tools") == len(happened) - 1
    ruff, eslint = verdict.tools
    assert [(found.path, found.rule) for found in ruff.findings] == [("other.py", "F821")]
    assert eslint.state == "not-applicable"
    assert verdict.timings["tools"] > 0
    assert Verdict.from_json(verdict.to_json()) == verdict


@pytest.mark.sandbox
def test_without_being_asked_no_tool_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator.tools, "inspect", lambda *_, **__: pytest.fail("nobody asked"))
    assert evaluate(BROKEN, PYTHON_TASK).tools == ()


def test_an_unknown_tool_is_refused_before_anything_starts() -> None:
    with pytest.raises(BadInput, match="no tool “ruf”"):
        evaluate(BROKEN, PYTHON_TASK, tools="ruf")
