"""Seeded faults in a study: practice and gold tasks, labelled on every page, set apart, with known answers.

A fault that we put into a backend is ours. Were it counted as a generator's, or met without its label, the study would
measure us; and a gold task whose fault can be read off its name would measure nothing.
"""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.db import IntegrityError

from accounts.models import Person
from annotations.event_log import Holder, append_events
from annotations.events import read_batch
from annotations.known_answers import KnownAnswer, add_seeded, known_answer, what_became_of
from annotations.models import ClosingReason, RepairSession
from annotations.sessions import close_session, open_session, take_lease
from evaluator.errors import BadInput
from evaluator.faults import Fault, catalogue, fault_named, mutated_files, original_files
from evaluator.verdict import CheckResult, Verdict, summarise
from reports.effort_report import effort_report
from reports.session_records import session_records
from runs.evaluation import claim_run, record_verdict
from runs.models import Run
from studies.models import Backend, SeededUse, Study
from studies.seeding import count_gold, seed_backend
from tests.personas import signed_in
from tests.site.conftest import batch, event
from tests.site.test_api import script

pytestmark = pytest.mark.django_db

FAULT = fault_named("flask-unfavourite-not-committed")
OTHER = fault_named("flask-oldest-first")
PLACE = "app/blueprints/articles.py"
(ANSWER,) = FAULT.expected
UNDO = tuple(f"articles.remove(article)\n        db.session.{verb}()" for verb in ("flush", "commit"))


@pytest.fixture
def gold(study: Study, ada: Person, rita: Person) -> Backend:
    """Ada's gold task, found red in what the fault breaks."""
    (backend,) = add_seeded(study=study, faults=[FAULT], use=SeededUse.GOLD, annotators=[ada], added_by=rita)
    judge(Run.objects.get(snapshot=backend.snapshot), "failed")
    return backend


def judge(run: Run, outcome: str) -> None:
    """Record a verdict in which the known answer came out like this."""
    checks = (
        CheckResult(ANSWER, "It stays away", "DELETE /articles/{slug}/favorite", "openapi", outcome),  # type: ignore[arg-type]
        CheckResult("tags.list.status", "The tags can be read", "GET /tags", "openapi", "passed"),
    )
    held = claim_run(run.pk)
    assert held is not None
    assert record_verdict(held, Verdict(run.task_id, 0, (), checks, (), {}, summarise(checks, {})))


def repair(backend: Backend, *, outcome: str, put: tuple[str, ...] | None = None) -> RepairSession:
    """A closed session in which `put` (a line of the seeded file, and what to write for it) is the only edit."""
    session = open_session(assignment=backend.assignments.get())
    held = take_lease(session_id=session.pk, client="page-1")
    assert isinstance(held, RepairSession)
    holder = Holder("page-1", held.token)
    if put is not None:
        write(session, holder, *put)
    through = 1 if put is not None else 0
    request = close_session(
        session_id=session.pk, holder=holder, through=through, digest="", reason=ClosingReason.SUBMITTED
    )
    judge(request.run, outcome)
    session.refresh_from_db()
    return session


def write(session: RepairSession, holder: Holder, line: str, instead: str) -> None:
    text = session.generated.files()[PLACE].decode()
    start = text.index(line)
    changes = [start, [len(line), *instead.split("\n")], len(text) - start - len(line)]
    said = batch(holder, event(1, "edit", path=PLACE, changes=changes, user="input.paste"))
    append_events(session_id=session.pk, batch=read_batch(json.dumps(said).encode()))


def test_a_seeded_backend_says_so_in_fields_of_its_own_and_its_name_does_not_tell_the_fault(gold: Backend) -> None:
    assert (gold.fault_id, gold.fault_category, gold.seeded_use) == (FAULT.id, "state-propagation", "gold")
    assert gold.name == "uv-flask-openapi-unconstrained-seeded-1"
    assert gold.snapshot.files() == mutated_files(FAULT)
    assert gold.generator["label"] == "seeded fault"


def test_half_a_provenance_is_refused_by_the_database(gold: Backend) -> None:
    gold.seeded_use = ""
    with pytest.raises(IntegrityError, match="a_seeded_backend_says_which_fault_and_what_for"):
        gold.save()


def test_a_study_has_a_fault_once(gold: Backend, study: Study) -> None:
    with pytest.raises(BadInput, match="already has the seeded fault “flask-unfavourite-not-committed”"):
        seed_backend(study=study, fault=FAULT, use=SeededUse.PRACTICE)


def test_practice_comes_before_what_is_not_begun_and_gold_tasks_come_last(
    study: Study, ada: Person, rita: Person, backend: Backend
) -> None:
    """What is begun keeps its place: the position of a session is part of the record."""
    open_session(assignment=ada.assignments.get(position=1))
    add_seeded(study=study, faults=[OTHER], use=SeededUse.GOLD, annotators=[ada], added_by=rita)
    add_seeded(study=study, faults=[FAULT], use=SeededUse.PRACTICE, annotators=[ada], added_by=rita)
    order = [(one.position, one.backend.seeded_use or one.backend.name) for one in ada.assignments.all()]
    assert order == [(1, backend.name), (2, "practice"), (3, "second"), (4, "gold")]


def test_an_annotator_sees_that_it_is_seeded_on_every_page_and_nowhere_which_fault_it_is(
    gold: Backend, ada: Person
) -> None:
    client = signed_in(ada)
    session = open_session(assignment=gold.assignments.get())
    for address in (
        "/",
        f"/sessions/{session.pk}/repair/",
        f"/studies/backends/{gold.pk}/",
        "/studies/pilot/",
        f"/api/v1/backends/{gold.pk}",
        f"/api/v1/sessions/{session.pk}",
        "/api/v1/assignments",
    ):
        shown = client.get(address).content.decode()
        assert "seeded" in shown, address
        for telling in (FAULT.id, FAULT.title, FAULT.category.name):
            assert telling not in shown, address
    assert FAULT.statement in client.get(f"/sessions/{session.pk}/repair/").content.decode()
    repair(gold, outcome="failed")
    closed = client.get(f"/sessions/{session.pk}/").content.decode()
    assert "seeded · gold task" in closed
    assert "Seeded fault:" not in closed


def test_a_researcher_sees_which_fault_it_is_and_what_the_session_made_of_it(gold: Backend, rita: Person) -> None:
    session = repair(gold, outcome="passed", put=UNDO)
    client = signed_in(rita)
    assert FAULT.title in client.get(f"/studies/backends/{gold.pk}/").content.decode()
    assert "Seeded fault: found." in client.get(f"/sessions/{session.pk}/").content.decode()
    page = client.get("/studies/pilot/seeded/").content.decode()
    assert "1 of 1 gold session found the seeded fault" in page
    assert "as before the fault" in page


def test_found_means_that_what_broke_holds_again_and_that_the_seeded_lines_were_changed(gold: Backend) -> None:
    session = repair(gold, outcome="passed", put=UNDO)
    assert known_answer(session) == KnownAnswer("undone", turned=1, broken=1)
    assert KnownAnswer("changed", 1, 1).word == "found"
    assert KnownAnswer("untouched", 1, 1).word == "mended elsewhere"
    assert KnownAnswer("undone", 0, 1).word == "not found"
    assert KnownAnswer("untouched", 0, 0).word == "not found"


def test_an_edit_somewhere_else_leaves_the_seeded_lines_untouched(gold: Backend) -> None:
    session = repair(gold, outcome="failed", put=("def ", "# looked here\ndef "))
    assert known_answer(session) == KnownAnswer("untouched", turned=0, broken=1)


def test_without_a_final_verdict_nobody_knows_whether_it_was_found(gold: Backend) -> None:
    assert known_answer(open_session(assignment=gold.assignments.get())) is None


def test_a_session_on_another_backend_has_no_known_answer(session: RepairSession) -> None:
    assert known_answer(session) is None


@pytest.mark.parametrize("fault", catalogue(), ids=lambda fault: fault.id)
def test_undoing_any_fault_of_the_catalogue_is_seen_as_undone_and_doing_nothing_as_untouched(fault: Fault) -> None:
    original, seeded = original_files(fault.backend), mutated_files(fault)
    assert what_became_of(original, seeded, original) == "undone"
    assert what_became_of(original, seeded, seeded) == "untouched"


def test_other_spaces_and_empty_lines_still_undo_a_fault_and_another_mend_is_a_change() -> None:
    original = {"a.py": b"one()\ntwo()\nthree()\n", "b.py": b"b\n"}
    seeded = original | {"a.py": b"one()\nthree()\n"}
    assert what_became_of(original, seeded, original | {"a.py": b"one()\ntwo()  \n\nthree()\n"}) == "undone"
    assert what_became_of(original, seeded, original | {"a.py": b"one()\nanother()\nthree()\n"}) == "changed"
    assert what_became_of(original, seeded, seeded | {"b.py": b"changed\n"}) == "untouched"
    assert what_became_of(original, seeded, {"b.py": b"b\n"}) == "changed"


def test_sessions_on_seeded_backends_are_set_apart_until_the_study_counts_its_gold_tasks(
    gold: Backend, study: Study, ada: Person, rita: Person
) -> None:
    (practice,) = add_seeded(study=study, faults=[OTHER], use=SeededUse.PRACTICE, annotators=[ada], added_by=rita)
    for backend in (gold, practice):
        repair(backend, outcome="passed")
    report = effort_report(study=study)
    assert (len(report.set_apart), report.counted, report.repaired, report.levels) == (2, [], 0, [])
    page = signed_in(rita).get("/studies/pilot/effort/").content.decode()
    assert "2 on seeded backends not counted" in page
    assert "seeded · gold task" in page
    count_gold(study=study, counts=True)
    counted = [(record.seeded, record.fault) for record in session_records(study=study) if record.counted]
    assert counted == [("gold", FAULT.id)]


def test_the_data_set_labels_what_is_seeded(gold: Backend, study: Study, rita: Person) -> None:
    repair(gold, outcome="passed")
    answer = signed_in(rita).get("/studies/pilot/export/data-set.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    for table, runs in (("sessions", 1), ("runs", 2)):
        header, *rows = archive.read(f"{table}.csv").decode().splitlines()
        seeded = header.split(",").index("seeded")
        assert [row.split(",")[seeded] for row in rows] == ["gold"] * runs, table


def test_the_form_adds_what_was_chosen_and_says_what_was_not(study: Study, ada: Person, rita: Person) -> None:
    client = signed_in(rita)
    shown = client.get("/studies/pilot/seeded/").content.decode()
    assert "No seeded fault in this study yet" in shown
    assert FAULT.id in shown
    refused = client.post("/studies/pilot/seeded/add/", {"use": "gold", "annotators": [ada.pk]})
    assert refused.status_code == 400
    assert "Choose one fault or more." in refused.content.decode()
    chosen = {"faults": [FAULT.id, OTHER.id], "use": "practice", "annotators": [ada.pk]}
    added = client.post("/studies/pilot/seeded/add/", chosen, follow=True).content.decode()
    assert "2 seeded, for P01." in added
    assert [one.backend.seeded_use for one in ada.assignments.all()] == ["practice", "practice"]
    assert Run.objects.filter(snapshot__backends__study=study).count() == 2


def test_the_form_says_whether_gold_tasks_count(study: Study, rita: Person) -> None:
    client = signed_in(rita)
    for given, counts in (({"counts": "yes"}, True), ({}, False)):
        client.post("/studies/pilot/seeded/counting/", given)
        study.refresh_from_db()
        assert study.counts_gold is counts


def test_a_script_seeds_and_reads_what_was_found(study: Study, ada: Person, rita: Person) -> None:
    client = script(rita)
    assert FAULT.id in {fault["id"] for fault in client.get("/api/v1/faults").json()}
    ask = {"faults": [FAULT.id], "use": "gold"}
    (made,) = client.post("/api/v1/studies/pilot/seeded", ask, format="json").json()
    assert (made["fault"], made["use"], made["assigned"], made["sessions"]) == (FAULT.id, "gold", 1, [])
    again = client.post("/api/v1/studies/pilot/seeded", ask, format="json")
    assert again.status_code == 400
    assert "already has the seeded fault" in again.json()["faults"][0]
    unknown = client.post("/api/v1/studies/pilot/seeded", ask | {"faults": ["nothing"]}, format="json")
    assert "There is no seeded fault “nothing”." in unknown.json()["faults"][0]
    backend = Backend.objects.get(pk=made["backend"])
    judge(Run.objects.get(snapshot=backend.snapshot), "failed")
    repair(backend, outcome="passed", put=UNDO)
    (read,) = client.get("/api/v1/studies/pilot/seeded").json()
    assert read["found"] == 1
    assert read["sessions"][0]["answer"] == {"result": "found", "lines": "undone", "turned": 1, "broken": 1}
    assert client.patch("/api/v1/studies/pilot", {"counts_gold": True}, format="json").json()["counts_gold"]


def test_neither_the_catalogue_nor_the_results_are_for_annotators(
    gold: Backend, study: Study, ada: Person, tom: Person, eve: Person
) -> None:
    ask = {"faults": [OTHER.id], "use": "gold"}
    for who, catalogue_status, read, write_status in ((ada, 403, 403, 403), (tom, 200, 200, 403), (eve, 200, 404, 404)):
        client = script(who)
        assert client.get("/api/v1/faults").status_code == catalogue_status
        assert client.get("/api/v1/studies/pilot/seeded").status_code == read
        assert client.post("/api/v1/studies/pilot/seeded", ask, format="json").status_code == write_status
        assert client.patch("/api/v1/studies/pilot", {"counts_gold": True}, format="json").status_code == write_status


def test_practice_tells_the_annotator_afterwards_whether_the_fault_was_found(
    study: Study, ada: Person, rita: Person
) -> None:
    (practice,) = add_seeded(study=study, faults=[FAULT], use=SeededUse.PRACTICE, annotators=[ada], added_by=rita)
    judge(Run.objects.get(snapshot=practice.snapshot), "failed")
    session = repair(practice, outcome="passed", put=UNDO)
    page = signed_in(ada).get(f"/sessions/{session.pk}/").content.decode()
    assert "Seeded fault: found." in page
    assert "takes part in no figure" in page
