"""Replacing in all files and restoring change documents by program; the server's replay must come to the same text.

The oracle is the page's own code: tests/annotations/programmatic_oracle.ts.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

from annotations.change_sets import apply_changes
from annotations.documents import Document
from annotations.replay import LARGEST_DOCUMENT

HERE = Path(__file__).parent
CASES = 500
BUNDLE = """
import { build } from "esbuild";
await build({ entryPoints: [process.argv[1]], outfile: process.argv[2], bundle: true, platform: "node", format: "esm",
  nodePaths: [process.cwd() + "/node_modules"], mainFields: ["module", "main"] });
"""


def test_replay_comes_to_the_text_that_the_page_replaced_and_restored(tmp_path: Path, editor_packages: Path) -> None:
    oracle = tmp_path / "oracle.mjs"
    bundle = ["node", "--input-type=module", "-e", BUNDLE, str(HERE / "programmatic_oracle.ts"), str(oracle)]
    subprocess.run(bundle, cwd=editor_packages, check=True)
    seed = str(secrets.randbelow(2**31))
    done = subprocess.run(["node", str(oracle), str(CASES), seed], capture_output=True, text=True, check=True)
    cases = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(cases) == CASES
    assert sum(len(case["changes"]) for case in cases) > CASES, "nothing was changed"
    for case in cases:
        document = bytearray(Document(case["before"]).utf16)
        for changes in case["changes"]:
            apply_changes(document, changes, longest=LARGEST_DOCUMENT)
        assert bytes(document) == Document(case["after"]).utf16, (seed, case)
