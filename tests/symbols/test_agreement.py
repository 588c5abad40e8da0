"""Definitions and references of the workspace beside jedi and TypeScript, on the backends of this repository.

A wrong place is worse than none: it sends a person, or the researcher who reads the session, to code that has nothing
to do with it. The floors are what was measured, less a little; whoever falls below has broken something that worked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from evaluator.files import read_tree
from tests.symbols.agreement import Agreement, compared, outcome_of
from tests.symbols.asked import Place, Said, python_names, script_names
from tests.symbols.jedi_says import Jedi
from tests.symbols.ours_says import ours
from tests.symbols.typescript_says import TypeScript

ROOT = Path(__file__).resolve().parents[2]
BACKENDS = (
    "evaluator/faults/backends/uv-fastapi-openapi-clean_architecture-postgres-sqlalchemy",
    "evaluator/faults/backends/node-koa-openapi-clean_architecture-postgres-sequelize",
    "platform/studies/demo/backends/uv-flask-openapi-unconstrained",
    "platform/studies/demo/backends/node-hono-openapi-clean_architecture",
)
# (found, wrong, shared references)
FLOORS = {"Python": (0.97, 0.002, 0.85), "JavaScript": (0.96, 0.002, 0.8)}


@pytest.fixture(scope="module")
def agreement(index: Path) -> dict[str, Agreement]:
    found: dict[str, Agreement] = {}
    for backend in BACKENDS:
        for language, one in compared(read_tree(ROOT / backend), index, every=8).items():
            found.setdefault(language, Agreement()).add(one)
    return found


@pytest.mark.parametrize("language", FLOORS)
def test_the_index_finds_what_a_language_service_finds_and_names_few_other_places(
    agreement: dict[str, Agreement], language: str
) -> None:
    found, wrong, references = FLOORS[language]
    one = agreement[language]
    told = f"{one.counts()} {one.references}"
    assert len(one.definitions) > 2_000, told
    assert one.right() >= found, told
    assert one.wrong() <= wrong, told
    assert one.shared_references() >= references, told


def test_a_guess_is_told_apart_from_what_is_known(index: Path) -> None:
    uses = "    x.rename()\n    'text'.rename()\n    A().rename()\n"
    files = {"a.py": f"class A:\n    def rename(self): ...\n\ndef f(x):\n{uses}"}
    asked = [Place("a.py", 5, 6), Place("a.py", 6, 11), Place("a.py", 7, 8)]
    unknown, text, known = ours(index, files, asked, [])[0]
    assert (unknown.places, unknown.guessed) == (frozenset(), frozenset({Place("a.py", 2, 8)}))
    assert (text.places, text.guessed) == (frozenset(), frozenset())
    assert (known.places, known.guessed) == (frozenset({Place("a.py", 2, 8)}), frozenset())


def test_every_identifier_is_asked_also_behind_signs_that_count_twice(tmp_path: Path, index: Path) -> None:
    files = {"a.py": "𝑥 = 1; y = '💥'; z = y\n", "b.js": "const a = '💥'; const b = a;\nmodule.exports = { b };\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert [place.column for place in python_names(files)] == [0, 8, 18, 22]
    names = list(script_names(files))
    assert [(place.line, place.column) for place in names] == [(1, 6), (1, 22), (1, 26), (2, 19)]
    own, other = Place("a.py", 1, 22), Place("b.js", 1, 26)
    said = ours(index, files, [own, other], [])[0]
    with TypeScript(tmp_path, files) as typescript:
        theirs = [Jedi(tmp_path, files).definitions(own), typescript.definitions(other)]
    assert [one.places for one in said] == [one.places for one in theirs]
    assert said[0].places == {Place("a.py", 1, 8)}
    assert said[1].places == {Place("b.js", 1, 6)}


HERE, THERE, ELSEWHERE = Place("a.py", 1, 0), Place("a.py", 2, 0), Place("b.py", 1, 0)


@cache
def _said(*places: Place, library: bool = False) -> Said:
    return Said(frozenset(places), library=library)


@pytest.mark.parametrize(
    ("own", "other", "outcome"),
    [
        (_said(THERE), _said(THERE), "same"),
        (_said(THERE, HERE), _said(THERE), "among"),
        (_said(HERE), _said(THERE), "itself"),
        (_said(HERE), _said(library=True), "itself"),
        (_said(THERE), _said(ELSEWHERE), "different"),
        (_said(THERE), _said(library=True), "library"),
        (_said(THERE), _said(), "ours"),
        (_said(), _said(THERE), "theirs"),
        (_said(), _said(library=True), "neither"),
        (Said(imports=frozenset({THERE})), _said(THERE), "neither"),
        (Said(imports=frozenset({HERE})), _said(THERE), "theirs"),
        (Said(guessed=frozenset({THERE})), _said(THERE), "guess right"),
        (Said(guessed=frozenset({THERE})), _said(library=True), "guess wrong"),
        (Said(guessed=frozenset({THERE})), _said(), "guess"),
    ],
)
def test_two_answers_compare(own: Said, other: Said, outcome: str) -> None:
    assert outcome_of(HERE, own, other) == outcome
