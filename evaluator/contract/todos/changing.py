"""Changing to-dos: what is sent changes, the rest stays."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.todos.world import CHANGE, Todo, TodoShape, World

check = Checks()
PARTIAL = prose("A change keeps what it does not name.")
KEPT = prose("What was changed is read back.")


async def completed(world: World) -> tuple[Todo, Answer]:
    """A to-do with an order, of which nothing but `completed` is changed."""
    todo = await world.writes(order=11)
    return todo, await world.changes(todo, completed=True)


async def renamed(world: World) -> tuple[Todo, str, Answer]:
    """A completed to-do, of which nothing but the title is changed."""
    todo = await world.writes()
    (await world.changes(todo, completed=True)).or_blocked_by("todos.change.status")
    title = world.title("feed the cat")
    return todo, title, await world.changes(todo, title=title)


async def as_it_is_now(world: World, todo: Todo) -> Answer:
    return (await world.reads(todo)).or_blocked_by("todos.read.status")


@check("todos.change.status", CHANGE, "A change is answered with 200", openapi("PATCH /todos/{id} declares 200."))
async def status(world: World) -> None:
    _, answer = await world.once(completed)
    answer.has_status(200)


@check("todos.change.shape", CHANGE, "A changed to-do has title, completed and url", openapi("It is a Todo."))
async def shape(world: World) -> None:
    _, answer = await world.once(completed)
    answer.or_blocked_by("todos.change.status").matches(TodoShape())


@check("todos.change.answer", CHANGE, "The answer to a change shows it", prose("It is the to-do as it is now."))
async def answer_shows_it(world: World) -> None:
    _, answer = await world.once(completed)
    answer.or_blocked_by("todos.change.status").shows("completed", True)


@check("todos.change.completed", CHANGE, "A to-do that was completed is read as completed", KEPT)
async def is_completed(world: World) -> None:
    todo, answer = await world.once(completed)
    answer.or_blocked_by("todos.change.status")
    (await as_it_is_now(world, todo)).shows("completed", True)


@check("todos.change.reopened", CHANGE, "A completed to-do can be opened again", KEPT)
async def reopened(world: World) -> None:
    todo = await world.writes()
    (await world.changes(todo, completed=True)).or_blocked_by("todos.change.status")
    (await world.changes(todo, completed=False)).or_blocked_by("todos.change.status")
    (await as_it_is_now(world, todo)).shows("completed", False)


@check("todos.change.title", CHANGE, "A new title is read back", KEPT)
async def title(world: World) -> None:
    todo, title, answer = await world.once(renamed)
    answer.or_blocked_by("todos.change.status")
    (await as_it_is_now(world, todo)).shows("title", title)


@check("todos.change.keeps-title", CHANGE, "A change of completed alone keeps the title", PARTIAL)
async def keeps_title(world: World) -> None:
    todo, answer = await world.once(completed)
    answer.or_blocked_by("todos.change.status")
    (await as_it_is_now(world, todo)).shows("title", todo.sent["title"])


@check("todos.change.keeps-order", CHANGE, "A change of completed alone keeps the order", PARTIAL)
async def keeps_order(world: World) -> None:
    todo, answer = await world.once(completed)
    answer.or_blocked_by("todos.change.status")
    (await as_it_is_now(world, todo)).shows("order", 11)


@check("todos.change.keeps-completed", CHANGE, "A change of the title alone keeps a to-do completed", PARTIAL)
async def keeps_completed(world: World) -> None:
    todo, _, answer = await world.once(renamed)
    answer.or_blocked_by("todos.change.status")
    (await as_it_is_now(world, todo)).shows("completed", True)


@check("todos.change.others", CHANGE, "A change of one to-do leaves another as it was", prose("A url is one to-do."))
async def others(world: World) -> None:
    other = await world.writes()
    todo = await world.writes()
    (await world.changes(todo, title=world.title(), completed=True)).or_blocked_by("todos.change.status")
    (await as_it_is_now(world, other)).shows("title", other.sent["title"]).shows("completed", False)


@check("todos.change.same-url", CHANGE, "A changed to-do keeps its url", prose("A to-do has one url."))
async def same_url(world: World) -> None:
    todo, _, answer = await world.once(renamed)
    answer.or_blocked_by("todos.change.status").shows("url", todo.url)


@check(
    "todos.change.title-type",
    CHANGE,
    "A title that is a number is refused, and the old one stays",
    openapi("title is a string."),
)
async def title_type(world: World) -> None:
    todo = await world.writes()
    (await world.changes(todo, title=12)).is_refused()
    (await as_it_is_now(world, todo)).shows("title", todo.sent["title"])


@check("todos.change.unknown", CHANGE, "A change of what never was is a 404", openapi("404 is declared."))
async def unknown(world: World) -> None:
    (await world.session.send("PATCH", "/todos/987654321", body={"completed": True})).has_status(404)
