"""tsc: names, calls and imports that do not fit, in TypeScript and, with `--checkJs`, in JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from evaluator.tools.base import NODE_TOOLS, OURS, Command, Inspected, Place, Printed, Unreadable
from evaluator.tools.printed import complaint, number, relative, tool_finding
from evaluator.verdict import Severity, ToolFinding
from evaluator.verifiers.words import words

SAID = re.compile(r"^(?P<path>.+)\((?P<line>\d+),(?P<column>\d+)\): error (?P<rule>TS\d+): (?P<message>.*)$")
OPTIONS = {
    "allowJs": True,
    "checkJs": True,
    "noEmit": True,
    "strict": False,
    "skipLibCheck": True,
    "target": "esnext",
    "lib": ["esnext"],
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "resolveJsonModule": True,
    "allowImportingTsExtensions": True,
    "experimentalDecorators": True,
    "jsx": "preserve",
    "types": ["node"],
    "typeRoots": [f"{NODE_TOOLS}/node_modules/@types"],
    "plugins": [],
}
# A name, an argument or an export that is not there, an await or a return that is missing.
ERRORS = words("TS2304 TS2305 TS2307 TS2448 TS2454 TS2503 TS2552 TS2554 TS2555 TS2613 TS2614 TS2724 TS2801")
# In JavaScript without types, tsc takes what is added to an object later for a mistake; and what it cannot know.
LEFT_OUT_OF_JAVASCRIPT = words(
    "TS2339 TS2322 TS2345 TS2551 TS2353 TS2739 TS2740 TS2741 TS2769 TS2531 TS2532 TS18046 TS18047 TS18048 TS2349",
    "TS2351 TS7016 TS2365 TS2362 TS2363 TS1192 TS1259 TS2568 TS2571 TS2559 TS2300 TS2451 TS2732",
)
TYPESCRIPT = (".ts", ".tsx", ".mts", ".cts")
_MODULE = re.compile(r"module '([^']+)'")


class Tsc:
    name = "tsc"
    package = "typescript"
    place = Place.NODE_TOOLS
    by_file = False
    seconds = 60
    rules = json.dumps([OPTIONS, sorted(ERRORS), sorted(LEFT_OUT_OF_JAVASCRIPT)]).encode()

    def wanted(self, inspected: Inspected) -> Sequence[str]:
        return inspected.project.javascript

    def why_not(self, inspected: Inspected) -> str:
        return "neither JavaScript nor TypeScript files"

    def command(self, paths: Sequence[str], inspected: Inspected) -> Command:
        """Our own tsconfig; a `tsconfig.json` of the backend's is not read, and its plug-ins serve editors only."""
        config = {"compilerOptions": OPTIONS, "files": [f"/app/{path}" for path in paths]}
        content = json.dumps(config).encode()
        program = ("node", f"{NODE_TOOLS}/node_modules/typescript/bin/tsc", "--project", f"/app/{OURS}/tsconfig.json")
        return Command((*program, "--pretty", "false"), {f"{OURS}/tsconfig.json": content})

    def read(self, printed: Printed, inspected: Inspected) -> Iterator[ToolFinding]:
        found = [match for line in printed.output.splitlines() if (match := SAID.match(line))]
        if printed.status not in (0, 1, 2) or (printed.status and not found):
            raise Unreadable(complaint(printed))
        for said in found:
            path, rule, message = relative(said["path"]), said["rule"], said["message"]
            if path and not _left_out(path, rule, message):
                line, column = number(int(said["line"])), number(int(said["column"]))
                yield tool_finding(path, line, column, rule, _severity(rule), message)


def _left_out(path: str, rule: str, message: str) -> bool:
    if rule in ("TS2307", "TS7016"):  # a package without types is no news; a file that is not there is
        module = _MODULE.search(message)
        return module is None or not module[1].startswith(".")
    if rule in ("TS2834", "TS2835"):  # what runs TypeScript adds the ending that Node.js asks of JavaScript
        return path.lower().endswith(TYPESCRIPT)
    return rule in LEFT_OUT_OF_JAVASCRIPT and not path.lower().endswith(TYPESCRIPT)


def _severity(rule: str) -> Severity:
    return "error" if rule in ERRORS or (rule.startswith("TS1") and len(rule) == len("TS1005")) else "warning"
