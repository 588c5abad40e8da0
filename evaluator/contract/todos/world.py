"""Who and what the checks speak of: one client, the to-dos it writes down, and the names that no other run uses."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from evaluator.contract.answer import Answer, Failed, NotReached
from evaluator.contract.documents import OpenApiDocument
from evaluator.contract.session import Session

DOCUMENT = OpenApiDocument(json.loads(files(__package__).joinpath("openapi.json").read_text("utf-8")))
LIST = "GET /todos"
WRITE = "POST /todos"
READ = "GET /todos/{id}"
CHANGE = "PATCH /todos/{id}"
DELETE = "DELETE /todos/{id}"
T = TypeVar("T")


@dataclass(frozen=True)
class TodoShape:
    """The schema of a to-do in the document."""

    name: str = "Todo"

    def violations(self, body: object) -> list[str]:
        return DOCUMENT.violations_of_named(self.name, body)


@dataclass(frozen=True)
class Todo:
    """A to-do that was written down: what was sent, what was answered, its address as told, and the path to it."""

    sent: Mapping[str, Any]
    answer: Answer
    url: str
    path: str


@dataclass(eq=False)
class World:
    """What the checks of one run share."""

    session: Session
    run: str = field(default_factory=lambda: "".join(secrets.choice(string.ascii_lowercase) for _ in range(6)))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def title(self, word: str = "water the plants") -> str:
        """A title that no other check, run or suite uses."""
        return f"{word} {self.run} {next(self._numbers)}"

    async def once(self, scene: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """The result of a scene that checks share; it is played once with these arguments."""
        return await self.session.once(scene, self, *arguments)

    async def writes(self, **fields: Any) -> Todo:
        """Write down a to-do; where that fails, the check at hand is not reached."""
        sent = {"title": self.title(), **fields}
        answer = await self.session.send("POST", "/todos", body=sent)
        answer.or_blocked_by("todos.write.status")
        try:
            url = answer.text_at("url")
        except Failed as failure:
            raise NotReached("todos.write.shape", failure) from None
        return Todo(sent, answer, url, path_of(url))

    async def reads(self, todo: Todo) -> Answer:
        return await self.session.send("GET", todo.path)

    async def changes(self, todo: Todo, **fields: Any) -> Answer:
        return await self.session.send("PATCH", todo.path, body=fields)

    async def deletes(self, todo: Todo) -> Answer:
        return await self.session.send("DELETE", todo.path)

    async def lists(self) -> Answer:
        return await self.session.send("GET", "/todos")


def path_of(url: str) -> str:
    """The path below the base that an address of a to-do stands for, whatever host it names."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return f"/todos/{quote(unquote(last), safe='')}"


def listed(answer: Answer) -> list[dict[str, Any]]:
    """The to-dos of a list."""
    found = answer.json
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise answer.fail("a list of to-dos")
    return found


def times_listed(answer: Answer, todo: Todo) -> int:
    """How often a to-do is in a list."""
    return sum(item.get("title") == todo.sent["title"] for item in listed(answer))
