"""A moment's log holds the tracebacks of many requests; the one shown with a failure is that of its own request."""

from __future__ import annotations

import pytest

from evaluator.code_places import Place, deepest_place, log_lines
from evaluator.tracebacks import kept_moment, own_stretch


def trace(line: int, raised: str, *, frames: int = 1) -> str:
    deep = f'  File "/app/app.py", line {line}, in f\n    f()\n' * frames
    return f"Traceback (most recent call last):\n{deep}{raised}"


@pytest.mark.parametrize("after", [True, False], ids=["gunicorn tells after it", "uvicorn tells before it"])
def test_of_several_tracebacks_the_one_beside_the_line_of_the_request_is_its_own(after: bool) -> None:
    def told(request: str, printed: str) -> str:
        access = f'"{request} HTTP/1.1" 500'
        return f"{printed}\n{access}" if after else f"{access}\nERROR:    Exception in ASGI application\n{printed}"

    cause = "The above exception was the direct cause of:"
    chained = f"{trace(3, 'KeyError: 3')}\n\n{cause}\n\n{trace(4, 'ValueError: 4')}"
    moment = "\n".join(
        [
            told("POST /a", trace(1, "KeyError: 1")),
            told("GET /b?n=2", chained),
            told("POST /a", trace(9, "OSError: 9")),
        ]
    )
    own = own_stretch(moment, "GET /b?n=2")
    assert own == chained
    assert deepest_place(log_lines(own, {"app.py"})) == Place("app.py", 4)
    assert own_stretch(moment, "GET /elsewhere") == moment


@pytest.mark.parametrize(
    "head",
    ["ERROR:app:Exception on /api/articles [GET]", "ERROR:django.request:Internal Server Error: /api/articles"],
    ids=["Flask", "Django"],
)
def test_a_traceback_below_the_path_of_the_request_is_its_own_before_one_that_is_nearer(head: str) -> None:
    access = '"GET /api/articles?offset=9 HTTP/1.1" 500'
    neighbour = f"ERROR:app:Exception on /api/articles/a-slug [PUT]\n{trace(9, 'KeyError: 9')}"
    moment = f"{head}\n{trace(4, 'OverflowError: 4')}\n{neighbour}\n{access}"
    assert own_stretch(moment, "GET /api/articles?offset=9") == trace(4, "OverflowError: 4")
    # The line of the request may not be printed yet.
    assert own_stretch(moment.removesuffix(access), "GET /api/articles?offset=9") == trace(4, "OverflowError: 4")


def test_what_is_kept_of_a_long_moment_is_around_the_traceback_of_the_request() -> None:
    others = "\n".join(f'{trace(n, f"KeyError: {n}", frames=20)}\n"POST /a/{n} HTTP/1.1" 500' for n in range(1, 20))
    own = f'{trace(77, "OverflowError: 77", frames=20)}\n"GET /b HTTP/1.1" 500'
    kept = kept_moment(f"{others}\n{own}\n{others}", "GET /b", 4000)
    assert len(kept) == 4000
    assert deepest_place(log_lines(own_stretch(kept, "GET /b"), {"app.py"})) == Place("app.py", 77)
    assert kept_moment("x" * 9000, "GET /b", 4000) == "x" * 4000
    assert kept_moment("short", "GET /b", 4000) == "short"
