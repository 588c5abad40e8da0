"""The report of a verdict for a terminal."""

from __future__ import annotations

from dataclasses import replace

from evaluator.contract import not_started
from evaluator.report import harmless, report_of
from evaluator.verdict import Verdict, summarise

STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\rpassed: 100 %"


def test_what_a_backend_says_cannot_steer_the_terminal() -> None:
    # A log may hold sequences that clear the screen, rename the window, or type an answer into the reader's shell.
    checks = tuple(replace(check, received=STEERING) for check in not_started(STEERING))
    verdict = Verdict(
        task="",
        level=0,
        constraints=(),
        checks=checks,
        findings=(),
        conformance={},
        summary=summarise(checks, {}),
        started=False,
        start_error=STEERING,
        log=f"first\n{STEERING}\nlast",
    )
    report = report_of(verdict)
    assert "passed: 100 %" in report
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(report)


def test_ordinary_text_stays_as_it_is() -> None:
    assert harmless("naïve ☕ “quoted”\tand 日本語") == "naïve ☕ “quoted”\tand 日本語"
