"""Reads an OpenAPI document into operations and the kinds of checks that each allows: the denominator, beforehand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from evaluator.errors import BadInput

MOST_BYTES = 2 * 1024 * 1024
MOST_DEPTH = 6
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
KNOWN_VERSION = re.compile(r"3\.[01]\.")


@dataclass(frozen=True)
class Kind:
    """A kind of check that schemathesis makes: its name there, and what an operation does that passes it."""

    name: str
    title: str
    clause: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("not_a_server_error", "never answers with a 5xx", "No request is answered with a server error."),
        Kind("status_code_conformance", "answers with declared statuses only", "The document lists the statuses."),
        Kind("content_type_conformance", "answers with declared media types only", "It lists the media types."),
        Kind("response_schema_conformance", "answers in the declared shape", "The document gives the shape."),
        Kind("negative_data_rejection", "refuses what breaks its schema", "The document says what may be sent."),
        Kind("ignored_auth", "refuses requests without valid credentials", "It declares a security requirement."),
        Kind("use_after_free", "does not show what was deleted", "What was deleted is gone."),
        Kind("ensure_resource_availability", "finds what was just created", "What was created is there."),
    )
}


@dataclass(frozen=True)
class Operation:
    """One operation of a document: `POST /articles`, whether it asks for credentials, the kinds that apply to it."""

    name: str
    secured: bool
    kinds: tuple[Kind, ...]

    def check_id(self, kind: Kind) -> str:
        """The id of a check: `post.articles-slug.ignored-auth`."""
        method, path = self.name.split(" ", 1)
        slug = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "root"
        return f"{method.lower()}.{slug[-110:]}.{kind.name.replace('_', '-')}"


@dataclass(frozen=True)
class Document:
    """A document without anything that points out of it, and its operations in order."""

    content: Mapping[str, Any]
    operations: tuple[Operation, ...]


def read_document(content: bytes) -> Document:
    """The document in JSON or YAML, OpenAPI 3.0 or 3.1.

    Raises BadInput where it is none, or where it points out of itself: nothing is ever fetched for it.
    """
    found = _parsed(content)
    if not isinstance(found, dict) or not KNOWN_VERSION.match(str(found.get("openapi", ""))):
        raise BadInput("The OpenAPI document must be of version 3.0 or 3.1; its field `openapi` names neither.")
    for place in _outward(found):
        raise BadInput(f"The OpenAPI document points out of itself ({place[:200]}); put what is meant into it.")
    inner = {name: value for name, value in found.items() if name != "servers"}
    try:
        operations = tuple(_operations(inner))
    except (AttributeError, TypeError) as error:
        raise BadInput(f"The OpenAPI document cannot be read: {error}.") from None
    if not operations:
        raise BadInput("The OpenAPI document has no operations.")
    return Document(inner, operations)


def _parsed(content: bytes) -> Any:
    if len(content) > MOST_BYTES:
        raise BadInput(f"The OpenAPI document is larger than {MOST_BYTES // 2**20} MB.")
    text = content.decode("utf-8", "replace")
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        # A few aliases of aliases make a document that no memory holds.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise BadInput("The OpenAPI document uses YAML aliases; write out what they stand for, or use $ref.")
        return json.loads(json.dumps(yaml.safe_load(text), default=str))
    except (ValueError, TypeError, yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"The OpenAPI document cannot be read: {str(error)[:200]}") from None


def _outward(found: Mapping[str, Any]) -> Iterator[str]:
    """Everything that a reader of the document would fetch from elsewhere."""
    waiting: list[Any] = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name in ("$ref", "operationRef") and isinstance(inner, str) and not inner.startswith("#"):
                    yield f"{name}: {inner}"
                if name == "externalValue":
                    yield f"{name}: {inner}"
                waiting.append(inner)


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    paths = document.get("paths") or {}
    for path, shared in paths.items():
        for method in METHODS:
            if method in shared:
                operation = shared[method]
                secured = bool(operation.get("security", document.get("security")))
                kinds = _kinds(document, paths, path, method, shared, secured)
                yield Operation(f"{method.upper()} {path}", secured, tuple(KINDS[name] for name in kinds))


def _kinds(
    document: Mapping[str, Any],
    paths: Mapping[str, Any],
    path: str,
    method: str,
    shared: Mapping[str, Any],
    secured: bool,
) -> Iterator[str]:
    operation = shared[method]
    yield "not_a_server_error"
    yield "status_code_conformance"
    answers = [_resolved(document, answer) for answer in (operation.get("responses") or {}).values()]
    contents = [content for answer in answers if (content := answer.get("content"))]
    if contents:
        yield "content_type_conformance"
    if any("schema" in media for content in contents for media in content.values()):
        yield "response_schema_conformance"
    parameters = [*(shared.get("parameters") or ()), *(operation.get("parameters") or ())]
    if operation.get("requestBody") or any(_can_be_broken(_resolved(document, one)) for one in parameters):
        yield "negative_data_rejection"
    if secured:
        yield "ignored_auth"
    created = path.rpartition("/")[0]
    if path.endswith("}") and _leads_to(document, paths.get(created) or {}, path):
        if method in ("get", "put", "patch") and "delete" in shared:
            yield "use_after_free"
        if method == "get":
            yield "ensure_resource_availability"


def _leads_to(document: Mapping[str, Any], collection: Mapping[str, Any], path: str) -> bool:
    """Whether the document says how one comes from what was just created to where it is found.

    Either its answer has a field of the name of the path's last parameter, or it declares links.
    """
    name = path.rpartition("/")[2].strip("{}")
    answers = ((collection.get("post") or {}).get("responses") or {}).items()
    for status, answer in ((status, _resolved(document, answer)) for status, answer in answers):
        if str(status).startswith("2"):
            media = (answer.get("content") or {}).values()
            if answer.get("links") or any(_has_field(document, one.get("schema") or {}, name) for one in media):
                return True
    return False


def _has_field(document: Mapping[str, Any], schema: Mapping[str, Any], name: str, depth: int = 0) -> bool:
    """Whether a field of this name is in the schema, or in those of its fields."""
    schema = _resolved(document, schema)
    if not isinstance(schema, dict) or depth > MOST_DEPTH:
        return False
    parts = [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key) or ()]
    fields = schema.get("properties") or {}
    return name in fields or any(_has_field(document, one, name, depth + 1) for one in (*fields.values(), *parts))


def _can_be_broken(parameter: Mapping[str, Any]) -> bool:
    """Whether any text breaks the schema of a parameter; where every string will do, nothing can be refused."""
    schema = parameter.get("schema") or {}
    free = schema.get("type") == "string" and not schema.keys() & {
        "enum",
        "pattern",
        "format",
        "minLength",
        "maxLength",
    }
    return parameter.get("in") in ("path", "query") and "type" in schema and not free


def _resolved(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference within the document stands for; the value itself where it is none."""
    for _ in range(8):
        reference = value.get("$ref")
        if not isinstance(reference, str):
            break
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
        value = found
    return value
