"""Django's own checks, `check` and `makemigrations --check`, inside the sandbox with the backend's environment.

These import the backend's code. What they print may be forged by it, to no end but findings about itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

from evaluator.tools.base import OURS, Command, Inspected, Place, Printed
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

PROGRAM = files(__package__).joinpath("inside", "django_checks.py").read_bytes()
SETTINGS = re.compile(rb"DJANGO_SETTINGS_MODULE[\"']?\s*(?:[,=\]]|\]\s*=)\s*[\"']?([A-Za-z_][\w.]*)")
SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning"}
LONGEST_NAME = 200


class _Django:
    """What both have in common: where the settings are, and the program that asks."""

    package = "django"
    place = Place.BACKEND
    by_file = False
    seconds = 40
    rules = PROGRAM
    asked = ""

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        found = _settings(inspected) if self.package in inspected.packages else None
        return [found[0]] if found else []

    def why_not(self, inspected: Inspected) -> str:
        return "no settings of Django are named" if self.package in inspected.packages else "no Django is installed"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        found = _settings(inspected)
        assert found is not None, "asked only where there are files to look at"
        program = ("/env/bin/python", "-B", f"/app/{OURS}/django_checks.py", self.asked, found[1], found[0])
        return Command(program, {f"{OURS}/django_checks.py": PROGRAM})

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        for entry in entries(json_of(printed, accept=(0,))):
            severity = SEVERITIES.get(str(entry.get("severity")), "note")
            path, line = relative(entry.get("path")), number(entry.get("line"))
            yield tool_finding(path, line, 0, entry.get("rule"), severity, entry.get("message"))


class DjangoCheck(_Django):
    name = "django-check"
    asked = "check"


class DjangoMigrations(_Django):
    name = "django-migrations"
    asked = "migrations"


def _settings(inspected: Inspected) -> tuple[str, str] | None:
    """The file that names the settings and the module it names: manage.py, run.sh, or any other."""
    others = sorted(inspected.project.python, key=lambda path: (path.count("/"), path))
    first = [path for path in others if path.endswith("manage.py")]
    for path in (*first, "run.sh", *others):
        match = SETTINGS.search(inspected.files.get(path, b"")[:200_000])
        if match and len(match[1]) <= LONGEST_NAME:
            return path, match[1].decode()
    return None
