"""An OpenAPI document as a judge: which operation a request is, and what is wrong with an answer to it.

OpenAPI 3.1, whose schemas are plain JSON Schema (2020-12). `jsonschema-rs` validates: a list of twenty articles takes
it 0.02 ms, so that every answer of a run is looked at, not only those that a check asks about. Formats are not judged
here (checks of their own do). Fields beyond a schema are welcome.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
SHOWN_VIOLATIONS = 4
SHOWN_MESSAGE_CHARACTERS = 160
UNPROCESSABLE = "422"


class OpenApiDocument:
    """A parsed document. `operations` are `METHOD /path/{template}`, in its order."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._validators: dict[str, Any] = {}
        self._operations = {f"{method.upper()} {path}": operation for method, path, operation in _operations(document)}

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(self._operations)

    def operation_of(self, method: str, path: str) -> str:
        """The operation that a request to this path (below the base, without query) is; empty where it is none."""
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and f"{method} {template}" in self._operations:
                return f"{method} {template}"
        return ""

    def declares_success(self, operation: str) -> bool:
        """Whether the document gives a schema for the success of this operation."""
        return self.schema_for(operation, 200) is not None

    def schema_for(self, operation: str, status: int) -> Mapping[str, Any] | None:
        """What the body of an answer must be; None where the document does not say.

        An undeclared success is held to the declared one's schema; of refusals only 422 has a schema.
        """
        responses = self._operations.get(operation, {}).get("responses", {})
        declared = responses.get(str(status))
        if declared is None and 200 <= status < 300:
            declared = next((response for code, response in responses.items() if code.startswith("2")), None)
        if declared is None or not (200 <= status < 300 or str(status) == UNPROCESSABLE):
            return None
        declared = self._resolved(declared)
        schema: Mapping[str, Any] | None = declared.get("content", {}).get("application/json", {}).get("schema")
        return schema

    def violations_of_named(self, name: str, body: object) -> list[str]:
        """What is wrong with a body that should have the named schema."""
        return self.violations_of({"$ref": f"#/components/schemas/{name}"}, body)

    def violations_of(self, schema: Mapping[str, Any], body: object) -> list[str]:
        """What is wrong with a body that should have this schema."""
        try:
            errors = sorted(self._validator(schema).iter_errors(body), key=lambda error: str(error.instance_path))
        except ValueError as error:  # NaN, half a surrogate pair, a thousand brackets: JSON in Python's eyes only
            return [f"the body is no JSON that can be judged: {error}"]
        sentences = [_sentence(error) for error in errors[:SHOWN_VIOLATIONS]]
        return sentences + ([f"and {len(errors) - SHOWN_VIOLATIONS} more"] if len(errors) > SHOWN_VIOLATIONS else [])

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Paths without a parameter first: /articles/feed is no slug."""
        paths = sorted(self.document["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path) for path in paths]

    def _resolved(self, response: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in response:
            return response
        found: Any = self.document
        for part in response["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        resolved: Mapping[str, Any] = found
        return resolved

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self.document.get("components", {})}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=False)
        return self._validators[key]


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield method, path, operation


def _sentence(error: Any) -> str:
    place = ".".join(map(str, error.instance_path)) or "the body"
    message = error.message
    if len(message) > SHOWN_MESSAGE_CHARACTERS:
        message = f"{message[:SHOWN_MESSAGE_CHARACTERS]} …"
    return f"{place}: {message}"
