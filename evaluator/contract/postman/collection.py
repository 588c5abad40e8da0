"""Reads a Postman collection: its requests in the order in which they run, and the assertions of each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evaluator.contract.postman.scripts import Assertion, assertions_of
from evaluator.errors import BadInput

MOST_BYTES = 4 * 1024 * 1024
MOST_DEPTH = 12
MOST_ID_CHARACTERS = 150
KNOWN_SCHEMA = re.compile(r"/collection/v2\.[01]\.0/")
VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True)
class Asserted:
    """One assertion of one request, with the id that it has as a check."""

    id: str
    assertion: Assertion


@dataclass(frozen=True)
class Request:
    """One request of a collection: its folders and name, its method and path, what its scripts assert."""

    place: tuple[str, ...]
    operation: str
    asserted: tuple[Asserted, ...]

    @property
    def title(self) -> str:
        return " / ".join(self.place)


@dataclass(frozen=True)
class Collection:
    """A collection as it was written, and its requests; `requests[n]` is the one that newman runs at position n."""

    document: Mapping[str, Any]
    requests: tuple[Request, ...]

    @cached_property
    def asserted(self) -> tuple[tuple[Request, Asserted], ...]:
        """Every assertion with its request, in order."""
        return tuple((request, asserted) for request in self.requests for asserted in request.asserted)


def read_collection(content: bytes) -> Collection:
    """The collection in a JSON document of format 2.0 or 2.1.

    Raises BadInput where it is none, or where no assertion can be found in it.
    """
    if len(content) > MOST_BYTES:
        raise BadInput(f"The Postman collection is larger than {MOST_BYTES // 2**20} MB.")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The Postman collection is not JSON: {error}.") from None
    schema = (document.get("info") or {}).get("schema", "") if isinstance(document, dict) else ""
    if not KNOWN_SCHEMA.search(str(schema)):
        raise BadInput("The Postman collection must be of format 2.0 or 2.1; its info.schema names neither.")
    try:
        requests = tuple(_requests(document))
    except (AttributeError, TypeError, KeyError) as error:
        raise BadInput(f"The Postman collection cannot be read: {type(error).__name__}: {error}.") from None
    if not any(request.asserted for request in requests):
        raise BadInput("The Postman collection asserts nothing: no pm.test(…) and no tests[…] = … in its scripts.")
    return Collection(document, requests)


def _requests(document: Mapping[str, Any]) -> Iterator[Request]:
    taken: Counter[str] = Counter()
    for place, item, scripts in _leaves(document, (), ()):
        sent = item["request"]
        operation = _operation({"method": "GET", "url": sent} if isinstance(sent, str) else sent)
        found = [assertion for script in scripts for assertion in assertions_of(script)]
        yield Request(place, operation, tuple(Asserted(_id(place, made, taken), made) for made in found))


def _leaves(
    folder: Mapping[str, Any], place: tuple[str, ...], inherited: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any], tuple[str, ...]]]:
    """Each request with its place and the scripts that run with it; those of its folders come first."""
    if len(place) > MOST_DEPTH:
        raise BadInput(f"The folders of the Postman collection are nested deeper than {MOST_DEPTH}.")
    scripts = inherited + tuple(_scripts(folder))
    for item in folder.get("item") or ():
        here = (*place, str(item.get("name") or "unnamed"))
        if "item" in item:
            yield from _leaves(item, here, scripts)
        elif "request" in item:
            yield here, item, scripts + tuple(_scripts(item))


def _scripts(item: Mapping[str, Any]) -> Iterator[str]:
    """The scripts before and after the request; both may assert."""
    for event in sorted(item.get("event") or (), key=lambda event: event.get("listen") != "prerequest"):
        if event.get("listen") in ("prerequest", "test") and not event.get("disabled"):
            lines = (event.get("script") or {}).get("exec") or ()
            yield lines if isinstance(lines, str) else "\n".join(map(str, lines))


def _operation(request: Mapping[str, Any]) -> str:
    """Method and path below the base, `POST /articles/{slug}`: the variable in front of the path is the base."""
    url = request.get("url") or ""
    if isinstance(url, dict):  # newman itself reads the parts, so they come before `raw`, which tools only show
        parts = url.get("path") or ()
        raw = f"/{parts if isinstance(parts, str) else '/'.join(map(str, parts))}"
    else:
        raw = str(url)
    path = re.sub(r"^(?:https?://[^/]*|\{\{[^{}]*\}\})", "", raw.split("?")[0].split("#")[0])
    path = VARIABLE.sub(r"{\1}", path) or "/"
    return f"{str(request.get('method') or 'GET').upper()} {path}"[:MOST_ID_CHARACTERS]


def _id(place: tuple[str, ...], made: Assertion, taken: Counter[str]) -> str:
    """An id from the folders, the request and the assertion; a repeated one is numbered."""
    id = ".".join(_slug(word) for word in (*place, made.name))[-MOST_ID_CHARACTERS:].lstrip(".-")
    taken[id] += 1
    return id if taken[id] == 1 else f"{id}-{taken[id]}"


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")[:48] or "x"
