"""The assertions of a collection are counted without running it.

Why: newman counts the assertions that were made. A script that throws makes none, so a server that answers `null` to
everything is told as 18 of 18. Only a number that is known beforehand cannot shrink.
"""

from __future__ import annotations

import json

import pytest

from evaluator.contract.postman import collection_checks, read_collection
from evaluator.contract.postman.scripts import assertions_of
from evaluator.errors import BadInput
from tests.conftest import SHARED, lacking
from tests.evaluator.contract.small_contracts import asking, collection_of


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("pm.test('is 200', () => {});", ["is 200"]),
        ('pm.test("a \\"b\\" \\u0041", function () {});', ['a "b" A']),
        ("pm.test(`plain`, f); pm.test(`for ${name} here`, f);", ["plain", "for … here"]),
        ("for (const key of keys) pm.test('has ' + key, f);", ["has …"]),
        ("pm.test(name, f);", ["…"]),
        ("tests['old'] = true; tests.older = 1 > 2;", ["old", "older"]),
        ("tests['twice'] = a; tests['twice'] = b;", ["twice"]),
        ("if (tests['read only']) { pm.test('within', f); }", ["within"]),
        ("// pm.test('in a comment', f)\nconst text = \"pm.test('in a string')\";", []),
        ("pm.test.skip('left out', f);", []),
        ("pm.test('outer', () => { pm.test('inner', f); });", ["outer", "inner"]),
        ("this is not { JavaScript; pm.test('after', f)", ["after"]),
    ],
)
def test_every_assertion_that_is_written_is_found(script: str, names: list[str]) -> None:
    assert [assertion.name for assertion in assertions_of(script)] == names


def test_what_is_known_only_at_run_time_matches_whatever_it_is() -> None:
    (made,) = assertions_of("pm.test(`for ${name} here`, f)")
    assert made.matches("for (a+b) here")
    assert not made.matches("for nobody")


def test_scripts_of_folders_assert_for_every_request_below_them() -> None:
    shared = {"event": [{"listen": "test", "script": {"exec": ["pm.test('is JSON', f);"]}}]}
    folder = {"name": "Things", "item": [asking("One", "GET", "/things"), asking("Two", "POST", "/things")], **shared}
    ids = [check.id for check in collection_checks(read_collection(collection_of(folder)))]
    assert ids == ["server.starts", "things.one.is-json", "things.two.is-json", "server.answers"]


def test_equal_names_get_ids_of_their_own() -> None:
    twice = collection_of(asking("Same", "GET", "/", "pm.test('x', f)"), asking("Same", "GET", "/", "pm.test('x', f)"))
    ids = [check.id for check in collection_checks(read_collection(twice))]
    assert ids[1:-1] == ["same.x", "same.x-2"]


def test_the_variable_in_front_of_a_path_is_no_part_of_the_operation() -> None:
    read = read_collection(collection_of(asking("One", "get", "/things/{{id}}?all=1", "pm.test('x', f)")))
    assert read.requests[0].operation == "GET /things/{id}"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not JSON"),
        (b"[]", "format 2.0 or 2.1"),
        (json.dumps({"info": {"schema": "https://schema.getpostman.com/json/collection/v1.0.0/"}}).encode(), "format"),
        (collection_of(asking("One", "GET", "/")), "asserts nothing"),
        (collection_of({"name": "x", "request": {"url": "/"}, "event": "none"}), "cannot be read"),
    ],
)
def test_what_is_no_collection_of_assertions_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read_collection(content)


def test_the_published_collection_asserts_290_times() -> None:
    path = SHARED / "conduit" / "Conduit.postman_collection.json"
    if not path.is_file():
        lacking("published-collection", "the published collection is not beside this checkout")
    assert len(read_collection(path.read_bytes()).asserted) == 290
