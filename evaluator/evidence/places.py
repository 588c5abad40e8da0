"""Where in the program something stands that a run showed: so that a finding of the run opens at a line too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from evaluator.verifiers.project import MOST_BYTES, MOST_BYTES_TOGETHER, is_production

Place = tuple[str, int]
NOWHERE: Place = ("", 0)
_READ = re.compile(r"\.(py|[cm]?[jt]sx?|sql|prisma)$")
_TABLE = re.compile(
    r"(?:__tablename__|tableName|db_table)\s*[:=]\s*[\"'](?P<named>\w+)|"
    r"create\s+table\s+(?:if\s+not\s+exists\s+)?[\"'`\[]?(?:\w+[\"'`\]]?\.[\"'`\[]?)?(?P<created>\w+)|"
    r"\b(?:createTable|create_table|Table|pgTable|sqliteTable)\(\s*[\"'](?P<made>\w+)",
    re.IGNORECASE,
)
_CLASS = re.compile(
    r"\bclass\s+(?P<name>\w+)|\.define\(\s*[\"'](?P<defined>\w+)|^model\s+(?P<model>\w+)\s*\{", re.MULTILINE
)
_MOST_WORDS = 5


class Places:
    """Looks names up in the production files of a backend; each is read once, and only when something is asked."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def of_table(self, name: str) -> Place:
        """Where a table is declared: by its name, else by a class whose name it has; NOWHERE where neither is."""
        tables, classes = self._declared
        word = name.lower()
        return tables.get(word) or classes.get(_bare(word)) or classes.get(_bare(word.rpartition("_")[2])) or NOWHERE

    def of_statement(self, text: str) -> Place:
        """Where a statement is written, found by its first words."""
        words: list[str] = []
        for word in text.split():
            if len(words) == _MOST_WORDS or re.search(r"[\d'$?]", word):
                break
            words.append(re.escape(word))
        return self._of_pattern(re.compile(r"\s+".join(words), re.IGNORECASE)) if len(words) > 1 else NOWHERE

    def of_file(self, path: str) -> Place:
        """Where the name of a file is written."""
        return self._of_pattern(re.compile(re.escape(path.rpartition("/")[2])))

    def _of_pattern(self, pattern: re.Pattern[str]) -> Place:
        for path, text in self._texts.items():
            found = pattern.search(text)
            if found is not None:
                return path, _line(text, found.start())
        return NOWHERE

    @cached_property
    def _texts(self) -> dict[str, str]:
        kept: dict[str, str] = {}
        left = MOST_BYTES_TOGETHER
        for path in sorted(self._files):
            content = self._files[path]
            if _READ.search(path) and is_production(path) and len(content) <= min(MOST_BYTES, left):
                kept[path] = content.decode("utf-8", "replace")
                left -= len(content)
        return kept

    @cached_property
    def _declared(self) -> tuple[dict[str, Place], dict[str, Place]]:
        tables: dict[str, Place] = {}
        classes: dict[str, Place] = {}
        for path, text in self._texts.items():
            for found in _TABLE.finditer(text):
                name = found["named"] or found["created"] or found["made"]
                tables.setdefault(name.lower(), (path, _line(text, found.start())))
            for found in _CLASS.finditer(text):
                name = found["name"] or found["defined"] or found["model"]
                classes.setdefault(_bare(name.lower()), (path, _line(text, found.start())))
        return tables, classes


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _bare(name: str) -> str:
    """A name in the singular, without underscores: `article_tags` and `ArticleTag` are one."""
    word = name.replace("_", "")
    return word[:-1] if word.endswith("s") else word
