"""What the generator was asked for can be read: every operation, every clause, every sentence that is checked."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Person
from annotations.models import RepairSession
from evaluator.contract import catalogue
from evaluator.tasks import task_by_id
from runs.contract_pages import contract_in_words
from tests.personas import signed_in
from tests.runs.verdicts import TASK

pytestmark = pytest.mark.django_db


def test_every_check_of_the_contract_is_told_once_under_its_operation_and_clause() -> None:
    told = contract_in_words(task_by_id(TASK))
    sentences = [
        (operation.name, clause.text, check)
        for operation in told.operations
        for clause in operation.clauses
        for check in clause.checks
    ]
    checks = catalogue("conduit")
    assert sorted(sentences) == sorted((check.operation, check.clause.text, check.title) for check in checks)
    assert told.checks == sum(check.clause.basis != "benchmark" for check in checks)


def test_what_must_survive_a_restart_is_told_where_a_database_is_demanded() -> None:
    with_database = contract_in_words(task_by_id("uv-flask-openapi-postgres"))
    assert with_database.checks > contract_in_words(task_by_id(TASK)).checks


def test_operations_say_what_they_are_for_and_which_answers_are_declared() -> None:
    operation = next(one for one in contract_in_words(task_by_id(TASK)).operations if one.name == "POST /users")
    assert operation.summary == "Register"
    assert "201 Created" in operation.answers


def test_the_task_panel_and_the_page_show_the_contract(browser: Client, session: RepairSession) -> None:
    page = browser.get(f"/sessions/{session.pk}/contract").content.decode()
    part = browser.get(f"/sessions/{session.pk}/contract?in=panel").content.decode()
    assert "<html" in page
    assert "<html" not in part
    for shown in (page, part):
        assert 'data-operation="POST /articles/{slug}/comments"' in shown
        assert "POST /users declares 201." in shown
        assert " style=" not in shown
    workspace = browser.get(f"/sessions/{session.pk}/repair/").content.decode()
    assert "What the generator was asked for" in workspace
    assert "The limit is 1:00:00 of active time" in workspace


def test_the_contract_of_a_session_is_for_those_who_may_see_it(session: RepairSession, eve: Person) -> None:
    assert signed_in(eve).get(f"/sessions/{session.pk}/contract").status_code == 404
    assert Client().get(f"/sessions/{session.pk}/contract").status_code == 302
