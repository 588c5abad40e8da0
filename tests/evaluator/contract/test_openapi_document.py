"""A contract that is only an OpenAPI document: the denominator comes from the document, schemathesis tries it."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from evaluator.contract import Transport
from evaluator.contract.from_openapi import Account, document_checks, judge_document, read_document
from evaluator.errors import BadInput
from evaluator.verdict import CheckResult, summarise
from tests.evaluator.contract.serving import serving
from tests.evaluator.contract.small_contracts import always

NOTE = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
}
NEW_NOTE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 50}},
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
LOCKED = [{"key": []}]


def answer(schema: Any = None) -> dict[str, Any]:
    return {"description": "x"} | ({"content": {"application/json": {"schema": schema}}} if schema else {})


NOTES = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "servers": [{"url": "https://example.com/elsewhere"}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Authorization"}}},
    "paths": {
        "/keys": {"post": {"responses": {"201": answer({"type": "object", "required": ["key"]})}}},
        "/notes": {
            "post": {
                "security": LOCKED,
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW_NOTE}}},
                "responses": {"201": answer(NOTE), "400": answer(), "401": answer()},
            }
        },
        "/notes/{id}": {
            "get": {"parameters": [ID], "responses": {"200": answer(NOTE), "400": answer(), "404": answer()}},
        },
    },
}
ACCOUNT = Account("POST", "/keys", "", "key", "Key {token}")


class Notes:
    """A server that keeps the document, and the faults one can give it."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        self.kept: dict[int, str] = {}
        self.numbers = itertools.count(1)

    def answer(self, method: str, target: str, authorization: str, raw: bytes) -> tuple[int, Any]:
        found = re.fullmatch(r"/api/notes/(\d+)", target)
        if (method, target) == ("POST", "/api/keys"):
            return (500, {}) if "no keys" in self.faults else (201, {"key": "open"})
        if (method, target) == ("POST", "/api/notes"):
            return self.write(authorization, raw)
        if method == "GET" and found:
            kept = self.kept.get(int(found[1]))
            shown = {"id": int(found[1]), "text": kept}
            return (200, {} if "empty notes" in self.faults else shown) if kept else (404, {})
        return (400 if target.startswith("/api/notes/") and method == "GET" else 405), {}

    def write(self, authorization: str, raw: bytes) -> tuple[int, Any]:
        if authorization != "Key open" and "open to all" not in self.faults:
            return 401, {}
        try:
            sent = json.loads(raw)
        except ValueError:
            return (500 if "crashes" in self.faults else 400), {}
        text = sent.get("text") if isinstance(sent, dict) else None
        if (not isinstance(text, str) or not 1 <= len(text) <= 50) and "takes everything" not in self.faults:
            return 400, {}
        number = next(self.numbers)
        self.kept[number] = str(text)
        return (200 if "wrong status" in self.faults else 201), {"id": number, "text": str(text)}


def judged(answering: Callable[..., tuple[int, Any]], **options: Any) -> dict[str, CheckResult]:
    document = read_document(json.dumps(NOTES).encode())
    with serving(answering) as port:
        results = judge_document(document, "/api", Transport(port=port), account=ACCOUNT, examples=4, **options)
    assert [result.id for result in results] == [check.id for check in document_checks(document, ACCOUNT)]
    return {result.id: result for result in results}


def test_the_checks_are_operations_times_the_kinds_that_apply_to_them() -> None:
    ids = [check.id for check in document_checks(read_document(json.dumps(NOTES).encode()), ACCOUNT)]
    assert ids[:2] == ["server.starts", "account.credentials"]
    assert ids[-1] == "server.answers"
    assert Counter(id.split(".")[-1] for id in ids[2:-1]) == {
        "not-a-server-error": 3,
        "status-code-conformance": 3,
        "content-type-conformance": 3,
        "response-schema-conformance": 3,
        "negative-data-rejection": 2,
        "ignored-auth": 1,
        "ensure-resource-availability": 1,
    }


def test_a_server_that_keeps_the_document_is_functional() -> None:
    results = judged(Notes().answer)
    assert [(id, result.received) for id, result in results.items() if result.outcome != "passed"] == []
    assert summarise(tuple(results.values()), {}).functional


NOTICED = {
    "open to all": "post.notes.ignored-auth",
    "crashes": "post.notes.not-a-server-error",
    "takes everything": "post.notes.negative-data-rejection",
    "wrong status": "post.notes.status-code-conformance",
    "empty notes": "get.notes-id.response-schema-conformance",
}


def test_each_fault_is_noticed_with_its_exchange() -> None:
    results = judged(Notes(*NOTICED).answer)
    for check in NOTICED.values():
        result = results[check]
        assert result.outcome == "failed" and result.received
        assert result.exchange is not None and result.exchange.received_status


def test_without_credentials_what_is_behind_them_is_not_reached() -> None:
    results = judged(Notes("no keys").answer)
    assert "status 500" in results["account.credentials"].received
    locked = results["post.notes.response-schema-conformance"]
    assert (locked.outcome, locked.blocked_by) == ("not_reached", "account.credentials")


def test_null_for_everything_keeps_the_denominator() -> None:
    results = judged(always(200, None))
    assert not summarise(tuple(results.values()), {}).functional


def test_a_server_that_dies_is_named_once() -> None:
    notes = Notes()

    def dying(method: str, *rest: Any) -> tuple[int, Any]:
        if len(notes.kept) > 2:
            raise ConnectionResetError
        return notes.answer(method, *rest)

    results = judged(dying)
    assert results["server.answers"].outcome == "failed"
    assert "No answer to" in results["server.answers"].received


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "cannot be read"),
        (b"openapi: '2.0'", "version 3.0 or 3.1"),
        (b"openapi: 3.0.0\npaths: {}", "no operations"),
        (b"openapi: 3.0.0\na: &a [1]\nb: *a", "aliases"),
        (b'{"openapi": "3.0.0", "x": {"$ref": "http://127.0.0.1/secret.json"}}', "points out of itself"),
        (b'{"openapi": "3.0.0", "x": {"$ref": "/etc/passwd"}}', "points out of itself"),
        (b'{"openapi": "3.0.0", "x": [{"externalValue": "http://127.0.0.1/"}]}', "points out of itself"),
        (b'{"openapi": "3.0.0", "paths": {"/x": {"get": 1}}}', "cannot be read"),
    ],
)
def test_what_is_no_document_or_points_elsewhere_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read_document(content)
