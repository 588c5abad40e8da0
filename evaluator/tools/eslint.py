"""eslint: likely bugs in JavaScript. TypeScript is left to tsc. https://eslint.org/docs/latest/rules/"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files

from evaluator.tools.base import NODE_TOOLS, OURS, Command, Inspected, Place, Printed
from evaluator.tools.printed import entries, json_of, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding

RULES = files(__package__).joinpath("inside", "eslint.config.mjs").read_bytes()
FORMAT = files(__package__).joinpath("inside", "eslint_format.mjs").read_bytes()
JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx")
ERROR = 2


class Eslint:
    name = "eslint"
    package = "eslint"
    place = Place.NODE_TOOLS
    by_file = True
    seconds = 40
    rules = RULES + FORMAT

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return [path for path in inspected.project.javascript if path.lower().endswith(JAVASCRIPT)]

    def why_not(self, inspected: Inspected) -> str:
        return "only TypeScript, which tsc checks" if inspected.project.javascript else "no JavaScript files"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """Our own configuration, so that none of the backend's is looked for or run; its comments change nothing."""
        program = ("node", f"{NODE_TOOLS}/node_modules/eslint/bin/eslint.js")
        ours = {f"{OURS}/eslint.config.mjs": RULES, f"{OURS}/eslint_format.mjs": FORMAT}
        options = ("--config", f"/app/{OURS}/eslint.config.mjs", "--format", f"/app/{OURS}/eslint_format.mjs")
        others = ("--no-inline-config", "--no-ignore", "--no-warn-ignored", "--no-error-on-unmatched-pattern")
        return Command((*program, *options, *others, "--", *(f"/app/{path}" for path in paths)), ours)

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        for entry in entries(json_of(printed)):
            rule = entry.get("rule") or "syntax"
            severity: Severity = "error" if entry.get("severity") == ERROR else "warning"
            path, line, column = relative(entry.get("path")), entry.get("line"), number(entry.get("column"))
            yield tool_finding(path, line, column, rule, severity, entry.get("message"))
