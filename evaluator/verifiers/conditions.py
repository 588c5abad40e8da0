"""Conditions that speak of tests, in either language: what stands under them is no production code."""

from __future__ import annotations

import re

_TEST_WORDS = re.compile(r"(?<![a-z])(py)?test(s|ing)?(?![a-z])|jest|vitest", re.IGNORECASE)


def speaks_of_tests(text: str) -> bool:
    """Whether a name or condition such as `NODE_ENV === 'test'` or TESTING has to do with tests."""
    return bool(_TEST_WORDS.search(text))
