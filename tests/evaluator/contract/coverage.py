"""What each check of Conduit is about: one aspect each, by its id, and the matrix of operations and aspects.

    .venv/bin/python -m tests.evaluator.contract.coverage

prints the matrix as it stands in docs/contract.md; test_catalogue.py compares the two.
"""

from __future__ import annotations

import re
from collections import Counter

from evaluator.contract import catalogue
from evaluator.contract.conduit.shapes import DOCUMENT

# The first pattern that is found in an id names its aspect.
ASPECTS = {
    "restart": r"^restart\.|^server\.",
    "concurrency": r"^concurrency\.",
    "text": r"^text\.",
    "authentication": r"^auth\.|no-token|tampered|login\.(wrong-pass|others-pass|unknown-email)|own-token",
    "success": r"status$|create\.unfavorited$|(add|remove)\.article$",
    "validation": r"missing|blank|null|wrong-type|no-(user|article|comment)|not-an-object|malformed|errors|limit-"
    r"|offset-|duplicate-(email|username)|own-names|content-type|nothing$|refusals",
    "ownership": r"by-other-user|by-article-author|author-stays|\.others$|never-added|other-article",
    "unknown": r"unknown|not-a-number|delete\.twice",
    "shape": r"shape$|documented$|timestamps|no-password|untold|jwt|body-",
    "per viewer": r"visitor|stranger|per-viewer|direction|flag|\.following|read\.author|followed$|feed\.empty"
    r"|two-authors",
    "persistence": r"persists|gone|keeps|unlisted|in-profile|in-articles|in-list|old-|new-|complete|with-comments"
    r"|list\.(content|empty|own-article|unfavorited)|feed\.content|read\.te|read\.ta|update\.slug|ed-at$|seen-count",
    "lists": r"articles\.(list|feed)\.|tags\.list\.once",
    "success, too": r"",
}
ORDER = (
    "success",
    "shape",
    "authentication",
    "ownership",
    "validation",
    "unknown",
    "persistence",
    "lists",
    "per viewer",
    "text",
    "concurrency",
    "restart",
)


def aspect_of(id: str) -> str:
    """The aspect that the check with this id is about."""
    aspect = next(aspect for aspect, pattern in ASPECTS.items() if re.search(pattern, id))
    return aspect.removesuffix(", too")


def matrix() -> str:
    """Operations down, aspects across, and the number of checks in each place, as a table of Markdown."""
    counted = Counter((check.operation, aspect_of(check.id)) for check in catalogue(restarts=True))
    lines = ["| | " + " | ".join(ORDER) + " |", "|---" * (len(ORDER) + 1) + "|"]
    for operation in (*DOCUMENT.operations, "GET /health-check"):
        lines.append(f"| `{operation}` | " + " | ".join(str(counted[operation, a] or "") for a in ORDER) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(matrix())
