"""One of a kind for each event loop: what waits on a loop's futures and tasks can serve that loop alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Kind = TypeVar("Kind")


class PerLoop(Generic[Kind]):
    """Called, it gives the one of the running event loop, made when it is first wanted."""

    def __init__(self, make: Callable[[], Kind]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, Kind] = WeakKeyDictionary()

    def __call__(self) -> Kind:
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            self._made[loop] = self._make()
        return self._made[loop]
