"""Every answer is held to the OpenAPI document, and nothing a server sends can upset that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.contract import Transport, run_contract
from evaluator.contract.conduit.shapes import DOCUMENT
from evaluator.verdict import CheckResult
from tests.evaluator.contract.reference import Conduit
from tests.evaluator.contract.serving import serving


@pytest.mark.parametrize(
    ("request_line", "operation"),
    [
        ("GET /articles/feed", "GET /articles/feed"),
        ("GET /articles/a%20b", "GET /articles/{slug}"),
        ("DELETE /articles/a/comments/3", "DELETE /articles/{slug}/comments/{id}"),
        ("PATCH /articles/a", ""),
        ("GET /articles/a/b/c/d", ""),
    ],
)
def test_a_request_is_the_operation_of_the_most_particular_path(request_line: str, operation: str) -> None:
    assert DOCUMENT.operation_of(*request_line.split(" ")) == operation


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    )
)
def test_any_value_is_judged_without_an_exception(body: Any) -> None:
    assert isinstance(DOCUMENT.violations_of_named("ArticlesAnswer", body), list)


def test_a_very_deep_value_is_judged_without_an_exception() -> None:
    body: list[Any] = []
    for _ in range(600):
        body = [body]
    assert DOCUMENT.violations_of_named("TagsAnswer", {"tags": body})


def test_an_answer_that_no_check_asks_about_is_held_to_the_document_all_the_same() -> None:
    """A filtered list is asked for its slugs only; that its articles lack their author is seen all the same."""
    conduit = Conduit()

    def forgets_authors(method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
        status, body = conduit.answer(method, target, authorization, raw)
        if method == "GET" and "tag=" in target:
            body = json.loads(json.dumps(body))
            for article in body.get("articles", ()):
                article.pop("author", None)
        return status, body

    results = judged(forgets_authors)
    result = results["articles.list.documented"]
    assert result.outcome == "failed"
    assert '"author" is a required property' in result.received
    assert result.exchange is not None and "tag=" in result.exchange.path


def test_a_shape_that_its_own_check_found_wrong_is_one_failure_and_not_two() -> None:
    results = judged(Conduit("the description is left out").answer)
    for id in ("articles.create", "articles.read", "articles.update"):
        assert results[f"{id}.shape"].outcome == "failed"
        assert results[f"{id}.documented"].blocked_by == f"{id}.shape"


def judged(answering: Any) -> dict[str, CheckResult]:
    with serving(answering) as port:
        return {check.id: check for check in run_contract("/api", transport=Transport(port=port))}
