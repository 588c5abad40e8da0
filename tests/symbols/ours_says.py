"""What the workspace's own index says, run by Node.js."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.symbols.asked import Place, Said

HERE = Path(__file__).parent
EDITOR = HERE.parents[1] / "annotations/editor"
BUNDLE = """
import { build } from "esbuild";
await build({ entryPoints: [process.argv[1]], outfile: process.argv[2], bundle: true, format: "esm", platform: "node",
  target: "node20",
  nodePaths: [process.cwd() + "/node_modules"], mainFields: ["module", "main"], logLevel: "warning" });
"""


def built_index(folder: Path) -> Path:
    """The index as a program for Node.js, made in a folder."""
    program = folder / "ours.mjs"
    subprocess.run(
        ["node", "--input-type=module", "-e", BUNDLE, str(HERE / "ours.ts"), str(program)], cwd=EDITOR, check=True
    )
    return program


def ours(
    program: Path, files: Mapping[str, str], definitions: Sequence[Place], references: Sequence[Place]
) -> tuple[list[Said], list[Said]]:
    """Its answers to both kinds of questions, in their order."""
    asked = json.dumps({"files": files, "definitions": definitions, "references": references})
    answered = subprocess.run(["node", str(program)], input=asked, capture_output=True, text=True, check=True)
    document = json.loads(answered.stdout)
    return _said(document["definitions"]), _said(document["references"])


def _said(answers: list[dict[str, Any]]) -> list[Said]:
    return [
        Said(
            _places(answer["places"]), _places(answer["guessed"]), _places(answer["imports"]), seconds=answer["seconds"]
        )
        for answer in answers
    ]


def _places(found: list[list[Any]]) -> frozenset[Place]:
    return frozenset(Place(*one) for one in found)
