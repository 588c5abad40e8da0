"""Writing to-dos down."""

from __future__ import annotations

import asyncio

from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.todos.world import LIST, WRITE, Todo, TodoShape, World, path_of, times_listed

check = Checks()
TEXTS = {
    "emoji": "🚀 to 👩‍👩‍👧 in Łódź, 日本語",
    "markup": "<script>alert('x')</script> & &amp; 100% \"quoted\"",
    "sql": "Robert'); DROP TABLE todos; -- or 1=1",
    "long": "lorem " * 1666 + "ipsum",
}


async def written(world: World) -> Todo:
    """A to-do that is never changed."""
    return await world.writes(order=7)


@check("todos.write.status", WRITE, "A new to-do is answered with 201", openapi("POST /todos declares 201."))
async def status(world: World) -> None:
    (await world.session.send("POST", "/todos", body={"title": world.title()})).has_status(201)


@check("todos.write.shape", WRITE, "A new to-do has title, completed and url", openapi("The answer is a Todo."))
async def shape(world: World) -> None:
    answer = await world.session.send("POST", "/todos", body={"title": world.title()})
    answer.or_blocked_by("todos.write.status").matches(TodoShape())


@check("todos.write.title", WRITE, "A new to-do has the title that was sent", prose("A to-do is what was sent."))
async def title(world: World) -> None:
    todo = await world.once(written)
    todo.answer.shows("title", todo.sent["title"])


@check("todos.write.order", WRITE, "A new to-do has the order that was sent", prose("A to-do is what was sent."))
async def order(world: World) -> None:
    (await world.once(written)).answer.shows("order", 7)


@check("todos.write.open", WRITE, "A new to-do is not completed", prose("What is written down is still to be done."))
async def not_completed(world: World) -> None:
    (await world.once(written)).answer.shows("completed", False)


@check("todos.write.url", WRITE, "The url of a new to-do leads to it", prose("A to-do is found at its url."))
async def url(world: World) -> None:
    todo = await world.once(written)
    (await world.reads(todo)).is_success().shows("title", todo.sent["title"]).shows("url", todo.url)


@check("todos.write.own-url", WRITE, "Two to-dos of one title have urls of their own", prose("Each is one to-do."))
async def own_url(world: World) -> None:
    first = await world.writes()
    second = await world.writes(title=first.sent["title"])
    if first.url == second.url:
        raise second.answer.fail("another url than that of the first", f"the same url: {second.url}")


@check(
    "todos.write.missing-title",
    WRITE,
    "A to-do without a title is refused",
    openapi("title is a required field of NewTodo."),
)
async def missing_title(world: World) -> None:
    (await world.session.send("POST", "/todos", body={"order": 1})).is_refused()


@check("todos.write.title-type", WRITE, "A title that is a number is refused", openapi("title is a string."))
async def title_type(world: World) -> None:
    (await world.session.send("POST", "/todos", body={"title": 12})).is_refused()


@check(
    "todos.write.malformed-json",
    WRITE,
    "A body that is no JSON is refused",
    prose("What cannot be read is the fault of whoever sent it: a 4xx, never a 5xx."),
)
async def malformed_json(world: World) -> None:
    (await world.session.send("POST", "/todos", raw_body='{"title": "half')).is_refused()


def _in_a_title(kind: str) -> None:
    shown = "10,000 characters" if kind == "long" else f"“{TEXTS[kind]}”"

    @check(
        f"todos.write.{kind}",
        WRITE,
        f"A to-do of {shown} comes back unchanged, or is refused",
        prose("Text comes back unchanged, or is refused with a 4xx; never a 5xx."),
    )
    async def text(world: World) -> None:
        sent = f"{TEXTS[kind]} {world.run}"
        answer = (await world.session.send("POST", "/todos", body={"title": sent})).is_no_crash()
        if answer.succeeded:
            again = await world.session.send("GET", path_of(answer.text_at("url")))
            again.is_success().shows("title", sent)


for kind in TEXTS:
    _in_a_title(kind)


@check(
    "todos.write.at-once",
    LIST,
    "Ten to-dos that are written at once are all listed, each once",
    prose("Nobody's to-do is lost because another is written at the same moment."),
)
async def at_once(world: World) -> None:
    async def one() -> str:
        title = world.title("at once")
        answer = await world.session.send("POST", "/todos", body={"title": title}, at_once=True)
        answer.or_blocked_by("todos.write.status")
        return title

    titles = await asyncio.gather(*(one() for _ in range(10)))
    answer = (await world.lists()).or_blocked_by("todos.list.status")
    for title in titles:
        todo = Todo({"title": title}, answer, "", "")
        if times_listed(answer, todo) != 1:
            raise answer.fail(f"“{title}” once", f"“{title}” {times_listed(answer, todo)} times")
