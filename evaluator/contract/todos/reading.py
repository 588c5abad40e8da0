"""Reading one to-do, and listing all."""

from __future__ import annotations

from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.documents import OpenApiDocument
from evaluator.contract.todos.world import DOCUMENT, LIST, READ, TodoShape, World, listed, times_listed
from evaluator.contract.todos.writing import written

check = Checks()


class ListShape:
    """The schema of the list in the document."""

    name = "list of Todo"
    document: OpenApiDocument = DOCUMENT

    def violations(self, body: object) -> list[str]:
        return self.document.violations_of({"type": "array", "items": {"$ref": "#/components/schemas/Todo"}}, body)


@check("todos.list.status", LIST, "The to-dos are listed with 200", openapi("GET /todos declares 200."))
async def list_status(world: World) -> None:
    (await world.lists()).has_status(200)


@check("todos.list.shape", LIST, "The list has the shape of an array of to-dos", openapi("It is an array of Todo."))
async def list_shape(world: World) -> None:
    await world.once(written)
    (await world.lists()).or_blocked_by("todos.list.status").matches(ListShape())


@check("todos.list.once", LIST, "A new to-do is listed once", prose("What was written down is listed."))
async def list_once(world: World) -> None:
    todo = await world.once(written)
    answer = (await world.lists()).or_blocked_by("todos.list.status")
    times = times_listed(answer, todo)
    if times != 1:
        raise answer.fail(f"“{todo.sent['title']}” once", f"“{todo.sent['title']}” {times} times")


@check("todos.list.url", LIST, "The url in the list is the to-do's own", prose("A to-do has one url."))
async def list_url(world: World) -> None:
    todo = await world.once(written)
    answer = (await world.lists()).or_blocked_by("todos.list.status")
    urls = [item.get("url") for item in listed(answer) if item.get("title") == todo.sent["title"]]
    if urls != [todo.url]:
        raise answer.fail(f"the url {todo.url}", f"{urls}")


@check("todos.read.status", READ, "A to-do is read with 200", openapi("GET /todos/{id} declares 200."))
async def read_status(world: World) -> None:
    (await world.reads(await world.once(written))).has_status(200)


@check("todos.read.shape", READ, "A to-do that is read has title, completed and url", openapi("It is a Todo."))
async def read_shape(world: World) -> None:
    (await world.reads(await world.once(written))).or_blocked_by("todos.read.status").matches(TodoShape())


@check("todos.read.same", READ, "A to-do is read as it was written", prose("What was written down is read back."))
async def read_same(world: World) -> None:
    todo = await world.once(written)
    answer = (await world.reads(todo)).or_blocked_by("todos.read.status")
    answer.shows("title", todo.sent["title"]).shows("order", 7).shows("completed", False)


@check("todos.read.unknown", READ, "A to-do that never was is answered with 404", openapi("404 is declared."))
async def read_unknown(world: World) -> None:
    (await world.session.send("GET", "/todos/987654321")).has_status(404)


@check("todos.read.odd-id", READ, "An id that no to-do can have is refused", prose("It is a 4xx, never a 5xx."))
async def read_odd_id(world: World) -> None:
    (await world.session.send("GET", "/todos/%27%20or%201%3D1%20--")).is_refused()
