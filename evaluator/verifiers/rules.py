"""What each rule demands in a sentence, read from the docstring on top of its verifier, which lists the rules."""

from __future__ import annotations

import re
import sys
from functools import cache

from evaluator.verdict import Finding
from evaluator.verifiers import VERIFIERS

_LISTED = re.compile(r"^([A-Z][A-Za-z]*\d+)[ ]{2,}(.+(?:\n {2,}.+)*)", re.MULTILINE)
_OTHERS = {
    "unread": "every production file can be read",
    # What runs show: evaluator/evidence.
    "D3": "what the backend said it stored is in the demanded database",
    "D4": "no rows are in another database",
    "O3": "the run reads and writes its data in statements that the demanded ORM makes",
    "N+1": "the SQL statements of a list do not grow with its length",
}


def rule_title(finding: Finding) -> str:
    """The demand of the rule that a finding is about; the finding's own message where none is listed."""
    return rule_titles().get(finding.rule) or finding.message


@cache
def rule_titles() -> dict[str, str]:
    """All listed rules by their ids."""
    found = dict(_OTHERS)
    for verifier in VERIFIERS.values():
        described = sys.modules[verifier.__module__].__doc__ or ""
        for id, words in _LISTED.findall(described):
            found[id] = " ".join(words.split())
    return found
