"""Small Postman collections and OpenAPI documents for tests, and servers that answer the same to everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def asking(name: str, method: str, path: str, *script: str, body: str = "") -> Json:
    """One request of a collection with its test script."""
    request: Json = {"method": method, "url": f"{{{{base}}}}{path}", "header": []}
    if body:
        request |= {"body": {"mode": "raw", "raw": body}}
        request["header"].append({"key": "Content-Type", "value": "application/json"})
    return {"name": name, "request": request, "event": [{"listen": "test", "script": {"exec": list(script)}}]}


def collection_of(*items: Json, **more: Any) -> bytes:
    """A collection of format 2.1."""
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "Small", "schema": schema}, "item": items, **more}).encode()


def always(status: int, body: Any) -> Callable[..., tuple[int, Any]]:
    """A server that answers the same to everything."""
    return lambda *_: (status, body)
