"""An answer of the backend and what a check may say about it.

Failed       the claim of a check does not hold: expected, received, and the exchange that decided it
NotReached   a step before the claim failed: names the check that this step belongs to
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, Protocol, Self

from evaluator.verdict import Exchange

SHOWN_CHARACTERS = 300
_ABSENT = object()


class Failed(Exception):
    """The claim of a check does not hold."""

    def __init__(self, expected: str, received: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"expected {expected}; received {received}")
        self.expected = expected
        self.received = received
        self.exchange = exchange


class NotReached(Exception):
    """A step that a check needs went wrong: `root` is the check about that step, `failure` what went wrong in it."""

    def __init__(self, root: str, failure: Failed) -> None:
        super().__init__(root)
        self.root = root
        self.failure = failure


class Shape(Protocol):
    """What a body must look like: its name, and what is wrong with a body, one sentence each."""

    @property
    def name(self) -> str: ...

    def violations(self, body: object) -> list[str]: ...


class Answer:
    """One answer; each method raises Failed, with the exchange, where the answer is not as it says."""

    def __init__(self, exchange: Exchange, body: bytes) -> None:
        assert exchange.received_status is not None
        self.exchange = exchange
        self.status = exchange.received_status
        self.text = body.decode("utf-8", "replace")

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def fail(self, expected: str, received: str = "") -> Failed:
        """The failure to raise where this answer is not what was expected."""
        return Failed(expected, received or self.described(), self.exchange)

    def described(self) -> str:
        """Status and beginning of the body, for a person."""
        shown = " ".join(self.text.split())
        return f"{self.status} {shown[:SHOWN_CHARACTERS]}{' …' if len(shown) > SHOWN_CHARACTERS else ''}".strip()

    # Status

    def has_status(self, status: int) -> Self:
        """The status is exactly this one: the document declares it."""
        if self.status != status:
            raise self.fail(f"status {status}")
        return self

    def is_success(self) -> Self:
        """Any 2xx: the document declares no status for this case."""
        if not self.succeeded:
            raise self.fail("a success (any 2xx)")
        return self

    def is_refused(self) -> Self:
        """Any 4xx: the contract says that it is refused, not how."""
        if not 400 <= self.status < 500:
            raise self.fail("a refusal (any 4xx)")
        return self

    def is_no_crash(self) -> Self:
        """Success or refusal, never 5xx: the contract leaves open which."""
        if not (self.succeeded or 400 <= self.status < 500):
            raise self.fail("a success or a refusal (2xx or 4xx), never a 5xx")
        return self

    def or_blocked_by(self, root: str) -> Self:
        """A step on the way: where it is no success, the check at hand is not reached, because of the check `root`."""
        if not self.succeeded:
            raise NotReached(root, self.fail("a success (any 2xx) in a step before"))
        return self

    # Body

    @cached_property
    def json(self) -> Any:
        """The body as JSON; several checks read the same one, so nobody may change it."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            raise self.fail("a JSON body", f"a body that is not JSON: {self.described()}") from None

    def value(self, path: str) -> Any:
        """The value at a dotted path, such as `article.author.username`."""
        found = self.json
        for key in path.split("."):
            found = found.get(key, _ABSENT) if isinstance(found, dict) else _ABSENT
            if found is _ABSENT:
                raise self.fail(f"a value at {path}", f"none: {self.described()}")
        return found

    def shows(self, path: str, expected: object) -> Self:
        """The value at `path` is this one, of this type."""
        found = self.value(path)
        if found != expected or isinstance(found, bool) != isinstance(expected, bool):
            raise self.fail(f"{path} is {_short(expected)}", f"{path} is {_short(found)}")
        return self

    def text_at(self, path: str) -> str:
        """The value at `path`, which is a string that is not empty."""
        found = self.value(path)
        if not isinstance(found, str) or not found:
            raise self.fail(f"{path} is a string that is not empty", f"{path} is {_short(found)}")
        return found

    def items(self, name: str) -> list[dict[str, Any]]:
        """The objects of the list `name`."""
        found = self.value(name)
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise self.fail(f"{name} is a list of objects", f"{name} is {_short(found)}")
        return found

    def fields(self, name: str, key: str) -> list[Any]:
        """The value of `key` in each object of the list `name`, in order."""
        return [item.get(key) for item in self.items(name)]

    def matches(self, shape: Shape) -> Self:
        """The body has this shape of the OpenAPI document."""
        wrong = shape.violations(self.json)
        if wrong:
            raise self.fail(f"the shape {shape.name} of the OpenAPI document", "; ".join(wrong))
        return self

    def tells_no(self, secret: str) -> Self:
        """Neither the secret nor a field for a password is anywhere in the body."""
        if secret in self.text:
            raise self.fail("a body without the password", self.described())
        found = re.search(r'"([^"]*passw[^"]*)"\s*:', self.text, re.IGNORECASE)
        if found:
            raise self.fail("a body without any field for a password", f"a field {found[1]!r}")
        return self


def _short(value: object) -> str:
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= 200 else f"{written[:200]} … ({len(written)} characters)"
