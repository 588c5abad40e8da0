"""The shapes of the answers, from our own OpenAPI document, and what is wrong with a body that should have one.

`openapi.json` beside this file describes the public API in our own words, in OpenAPI 3.1, whose schemas are plain
JSON Schema. Two readings are ours: `bio` and `image` may be null (the published document says string; nothing set is
null in every implementation), and a refusal carries an object `errors` (the published document wants `errors.body`, a
list; implementations name the fields instead, which says more). Fields beyond the schema are welcome.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from evaluator.contract.documents import OpenApiDocument

# RFC 3339: a date-time names its offset; a local time without one is not a moment.
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


DOCUMENT = OpenApiDocument(json.loads(files(__package__).joinpath("openapi.json").read_text("utf-8")))


@dataclass(frozen=True)
class NamedShape:
    """A schema of the document, by its name."""

    name: str

    def violations(self, body: object) -> list[str]:
        """What is wrong with a body, one sentence each; empty where it has the shape. Formats are judged apart."""
        return DOCUMENT.violations_of_named(self.name, body)


ACCOUNT = NamedShape("AccountAnswer")
PROFILE = NamedShape("ProfileAnswer")
ARTICLE = NamedShape("ArticleAnswer")
ARTICLES = NamedShape("ArticlesAnswer")
COMMENT = NamedShape("CommentAnswer")
COMMENTS = NamedShape("CommentsAnswer")
TAGS = NamedShape("TagsAnswer")
REFUSAL = NamedShape("Refusal")


def moment_of(value: object) -> datetime | None:
    """The moment that an RFC 3339 date-time names, or None where it is none."""
    if not isinstance(value, str) or not DATE_TIME.fullmatch(value):
        return None
    try:
        # Python reads at most six digits of a second.
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper().replace(" ", "T")))
    except ValueError:
        return None
