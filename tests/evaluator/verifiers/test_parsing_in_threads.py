"""Several evaluations in one process verify side by side.

Why: CPython 3.11 counts the depth of a parse in one place for all threads. Where the garbage collector hands over to
another thread in the middle of it, `ast.parse` ends in a SystemError that is nobody's fault.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from evaluator.verifiers.python_source import read_python

PROGRAM = "\n".join(f"def f{n}(a, b):\n    return [a + b * {n} for a in (b, {n})]" for n in range(60)).encode()


class Slow:
    """Garbage in a cycle whose end lets another thread run."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0.00001)


def test_many_threads_read_python_at_once() -> None:
    def read(number: int) -> int:
        Slow()
        source, unread = read_python(f"{number}.py", PROGRAM)
        assert unread is None
        return len(source.calls)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(read, range(200)))) == 1
