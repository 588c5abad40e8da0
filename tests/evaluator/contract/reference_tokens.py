"""Passwords and tokens of the small Conduit: a plain hash will do there, and JWTs signed with HMAC."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

Json = dict[str, Any]


def hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def jwt(id: int, secret: bytes) -> str:
    def part(value: Json) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': id, 'at': time.time_ns()})}"
    return f"{head}.{sign(head, secret)}"


def sign(head: str, secret: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret, head.encode(), "sha256")).rstrip(b"=").decode()
