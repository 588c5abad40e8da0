"""Striking to-dos off, and what is still there after a restart."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, Restart, openapi, prose
from evaluator.contract.todos.world import DELETE, READ, Todo, World, times_listed

check = Checks()
GONE = prose("What was deleted is gone.")


async def deleted(world: World) -> tuple[Todo, Todo, Answer]:
    """Two to-dos of one order, of which the first is deleted."""
    todo, other = await world.writes(order=41), await world.writes(order=41)
    return todo, other, await world.deletes(todo)


@check("todos.delete.status", DELETE, "A to-do is deleted with 200 or 204", openapi("Both are declared."))
async def status(world: World) -> None:
    _, _, answer = await world.once(deleted)
    if answer.status not in (200, 204):
        raise answer.fail("status 200 or 204")


@check("todos.delete.gone", DELETE, "A deleted to-do is answered with 404", GONE)
async def gone(world: World) -> None:
    todo, _, answer = await world.once(deleted)
    answer.or_blocked_by("todos.delete.status")
    (await world.reads(todo)).has_status(404)


@check("todos.delete.not-listed", DELETE, "A deleted to-do is not listed", GONE)
async def not_listed(world: World) -> None:
    todo, _, answer = await world.once(deleted)
    answer.or_blocked_by("todos.delete.status")
    answer = (await world.lists()).or_blocked_by("todos.list.status")
    if times_listed(answer, todo):
        raise answer.fail(f"no “{todo.sent['title']}”")


@check("todos.delete.others", DELETE, "Deleting one to-do leaves another", prose("A url is one to-do."))
async def others(world: World) -> None:
    _, other, answer = await world.once(deleted)
    answer.or_blocked_by("todos.delete.status")
    (await world.reads(other)).is_success().shows("title", other.sent["title"])


@check("todos.delete.twice", DELETE, "Deleting a to-do twice does no harm", prose("It may be refused; never a 5xx."))
async def twice(world: World) -> None:
    todo = await world.writes()
    (await world.deletes(todo)).or_blocked_by("todos.delete.status")
    (await world.deletes(todo)).is_no_crash()


@check("todos.delete.unknown", DELETE, "Deleting what never was is a 404", openapi("404 is declared."))
async def unknown(world: World) -> None:
    (await world.session.send("DELETE", "/todos/987654321")).has_status(404)


after_restart = Checks()


async def before_restart(world: World) -> tuple[Todo, Todo]:
    """A completed to-do that stays, and one that is deleted."""
    kept, struck = await world.writes(order=3), await world.writes()
    (await world.changes(kept, completed=True)).or_blocked_by("todos.change.status")
    (await world.deletes(struck)).or_blocked_by("todos.delete.status")
    return kept, struck


@after_restart(
    "restart.kept",
    READ,
    "After a restart a to-do is there, as it was changed",
    prose("What is kept in a database outlives the process."),
)
async def kept(world: World) -> None:
    todo, _ = await world.once(before_restart)
    answer = (await world.reads(todo)).is_success()
    answer.shows("title", todo.sent["title"]).shows("completed", True).shows("order", 3)


@after_restart("restart.deleted", READ, "After a restart a deleted to-do is still gone", GONE)
async def still_gone(world: World) -> None:
    _, todo = await world.once(before_restart)
    (await world.reads(todo)).has_status(404)


@after_restart("restart.writes", READ, "After a restart a new to-do can be written and read", prose("It works on."))
async def works_on(world: World) -> None:
    todo = await world.writes()
    (await world.reads(todo)).is_success().shows("title", todo.sent["title"])


RESTART = Restart(before_restart, tuple(after_restart))
