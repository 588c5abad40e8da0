"""The page that compares two states of a session, and what it fetches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from annotations.event_log import Holder
from annotations.models import RepairSession
from runs.models import Run
from tests.personas import signed_in
from tests.site.conftest import FILES, batch, event, finish, insert

Post = Callable[..., Any]
pytestmark = pytest.mark.django_db


@pytest.fixture
def run(session: RepairSession, holder: Holder, post: Post) -> int:
    """A run after the first edit; a second edit and a renamed file came after it."""
    post("events", batch(holder, insert(1)))
    asked = post("checks", {"client": holder.client, "token": holder.token, "through": 1, "digest": ""}).json()["run"]
    finish(Run.objects.get(pk=asked), failing=0)
    later = event(
        2,
        "edit",
        path="app.py",
        changes=[[0, "# later", ""], len(FILES["app.py"]) + len("# fixed\n")],
        user="input.type",
    )
    post("events", batch(holder, later, event(3, "file.renamed", path="requirements.txt", to="needs.txt"), first=2))
    return int(asked)


def page(browser: Client, session: RepairSession, query: str = "") -> str:
    answer = browser.get(f"/sessions/{session.pk}/compare/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_choice_the_generated_code_is_compared_with_the_present(
    browser: Client, session: RepairSession, run: int
) -> None:
    html = page(browser, session)
    assert "2 changed files" in html
    assert "# fixed" in html
    assert "# later" in html
    assert "requirements.txt → needs.txt" in html
    assert " style=" not in html


def test_any_two_states_can_be_compared_whichever_is_older(browser: Client, session: RepairSession, run: int) -> None:
    since = page(browser, session, f"?from=run-{run}&to=now&path=app.py&mode=inline")
    assert '<td class="add"><span class="c1"># later</span></td>' in since
    assert '<td class="add"><span class="c1"># fixed</span></td>' not in since
    back = page(browser, session, f"?from=now&to=run-{run}&path=app.py&mode=inline")
    assert '<td class="del"><span class="c1"># later</span></td>' in back
    assert "Nothing differs" in page(browser, session, f"?from=run-{run}&to=run-{run}")


def test_a_changed_place_says_what_its_edits_bought_and_where_they_can_be_replayed(
    browser: Client, session: RepairSession, run: int
) -> None:
    html = page(browser, session, "?path=app.py")
    assert html.count('class="bought"') == 1
    assert "Until Run 1: " in html
    assert f"/sessions/{session.pk}/history/#e1" in html
    assert 'class="bought"' not in page(browser, session, f"?from=now&to=run-{run}&path=app.py")


def test_what_was_submitted_is_a_state_and_the_present_is_none_any_more(
    browser: Client, session: RepairSession, holder: Holder, post: Post, run: int
) -> None:
    body = {"client": holder.client, "token": holder.token, "through": 3, "digest": "", "reason": "submitted"}
    assert post("close", body).status_code == 200
    html = page(browser, session)
    assert "Submitted" in html
    assert 'value="now"' not in html


def test_a_state_or_file_that_is_not_of_the_session_is_not_found(
    browser: Client, session: RepairSession, run: int
) -> None:
    for query in ("?from=run-99999", "?to=../etc", "?path=nowhere.py"):
        assert browser.get(f"/sessions/{session.pk}/compare/{query}").status_code == 404
    for query in ("path=app.py&rows=0,0,99999999", "path=app.py&rows=a,b", "path=logo.png&rows=0,0,1", "path=app.py"):
        assert browser.get(f"/sessions/{session.pk}/diff-rows?{query}").status_code == 404
    assert ">flask<" in browser.get(f"/sessions/{session.pk}/diff-rows?path=app.py&rows=0,2,1").content.decode()


def test_one_side_can_be_copied_as_plain_text_and_only_text(browser: Client, session: RepairSession, run: int) -> None:
    answer = browser.get(f"/sessions/{session.pk}/file?at=generated&path=app.py")
    assert answer.content == FILES["app.py"]
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser.get(f"/sessions/{session.pk}/file?at=now&path=app.py").content.startswith(b"# later\n# fixed")
    assert browser.get(f"/sessions/{session.pk}/file?at=now&path=logo.png").status_code == 404
    assert browser.get(f"/sessions/{session.pk}/file?at=now&path=../app.py").status_code == 404


def test_only_who_may_see_the_session_may_compare_it(
    session: RepairSession, run: int, rita: Person, eve: Person
) -> None:
    for verb in ("compare/", "diff?path=app.py", "diff-rows?path=app.py&rows=0,0,1", "file?path=app.py"):
        assert signed_in(rita).get(f"/sessions/{session.pk}/{verb}").status_code == 200
        assert signed_in(eve).get(f"/sessions/{session.pk}/{verb}").status_code == 404
        assert Client().get(f"/sessions/{session.pk}/{verb}").status_code in (302, 401)
