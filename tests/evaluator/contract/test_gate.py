"""The gate lets so many pass at a time, the urgent before the others."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from evaluator.contract.gate import URGENCY, Gate


@given(width=st.integers(1, 5), urgencies=st.lists(st.integers(0, 1), max_size=30))
def test_never_more_than_the_width_pass_and_the_urgent_ones_begin_first(width: int, urgencies: list[int]) -> None:
    begun, most = asyncio.run(through(width, urgencies))
    assert sorted(begun) == sorted(range(len(urgencies)))
    assert most <= width
    assert begun == sorted(range(len(urgencies)), key=lambda visitor: (urgencies[visitor], visitor))


async def through(width: int, urgencies: list[int]) -> tuple[list[int], int]:
    """The order in which visitors began, and how many were inside at most; all wait before the gate opens."""
    gate = Gate(0)
    begun: list[int] = []
    inside = most = 0

    async def visit(visitor: int) -> None:
        nonlocal inside, most
        URGENCY.set(urgencies[visitor])
        async with gate.pass_through():
            begun.append(visitor)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    visits = [asyncio.create_task(visit(visitor)) for visitor in range(len(urgencies))]
    await asyncio.sleep(0)
    gate.widen(width)
    await asyncio.gather(*visits)
    return begun, most


def test_who_gives_up_waiting_takes_no_place() -> None:
    async def story() -> int:
        gate = Gate(1)
        async with gate.pass_through():
            waiting = asyncio.create_task(_pass(gate))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.wait_for(_pass(gate), 1)
        return gate.width

    assert asyncio.run(story()) == 1


def test_who_is_let_in_and_gives_up_at_that_very_moment_gives_the_place_back() -> None:
    async def story() -> None:
        gate = Gate(1)
        waiting = asyncio.create_task(_pass(gate))
        async with gate.pass_through():
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.wait_for(_pass(gate), 1)

    asyncio.run(story())


async def _pass(gate: Gate) -> None:
    async with gate.pass_through():
        await asyncio.sleep(0)
