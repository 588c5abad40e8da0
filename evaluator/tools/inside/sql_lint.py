"""Runs sqlfluff on statements: reads {"dialect", "rules", "statements"} and prints a list of findings as JSON."""

import json
import re
import sys

from sqlfluff.core import FluffConfig, Linter


def main(file):
    with open(file, encoding="utf-8") as opened:
        order = json.load(opened)
    rules = [rule for rule in order["rules"].split(",") if rule != "PRS"]
    # `raw` reads the text as it is: the default would run it as a template. No configuration of a folder is looked for.
    core = {"dialect": order["dialect"], "templater": "raw", "rules": ",".join(rules), "large_file_skip_byte_limit": 0}
    config = FluffConfig(configs={"core": core}, ignore_local_config=True)
    linter = Linter(config=config)
    found = []
    for statement in order["statements"]:
        for violation in linter.lint_string(statement["sql"]).get_violations(filter_ignore=False):
            code = violation.rule_code()
            if code in ("LXR", "TMP"):
                continue
            found.append(
                {
                    "path": statement["path"],
                    "number": statement["number"],
                    "line": violation.line_no,
                    "column": violation.line_pos,
                    "rule": code,
                    "message": sentence(violation.desc()),
                }
            )
    print(json.dumps(found))


def sentence(said):
    """Without the place, which is that in the statement, and without the grammar that was expected."""
    return re.sub(r"^Line \d+, Position \d+: ", "", said).partition(" Expected: ")[0]


main(sys.argv[1])
