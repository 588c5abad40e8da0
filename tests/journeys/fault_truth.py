"""What must be true after a random-fault journey, whatever happened in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from annotations.effort import measure_effort
from tests.journeys.fault_machines import Desk, Machine
from tests.journeys.fault_schedule import Schedule

READ = """
from annotations.event_log import read_events
from annotations.models import RepairSession
from annotations.replay import Workspace, hash_mismatches
session = RepairSession.objects.get(pk={session})
events = read_events(session)
workspace, wanted, digests = Workspace(session.generated.files()), {wanted}, {{}}
for event in events:
    workspace.apply(event)
    if event["seq"] in wanted:
        digests[event["seq"]] = workspace.digest()
result = {{"events": events, "accepted": session.accepted, "broken": session.broken, "digest": workspace.digest(),
          "digests": digests, "mismatches": hash_mismatches(session.generated.files(), events)}}
"""


def what_is_untrue(schedule: Schedule) -> list[str]:
    """Sentences on everything that should not be; empty where nothing was lost, doubled or wrongly said."""
    finals = [_take_up(schedule, machine) for machine in schedule.machines]
    last, aside = finals[-1][0], [one for _, entries in finals for one in entries]
    page_digest = last.numbers()["digest"]
    log = schedule.site.ask(
        READ.format(session=schedule.session, wanted={number for number, _ in schedule.promises} | {0})
    )
    return [
        *schedule.lies,
        *_of_the_log(log, page_digest),
        *_of_promises(schedule, log),
        *_of_what_was_typed(schedule, log["events"], aside),
        *_of_what_was_set_aside(log["events"], aside),
        *_of_time(log["events"]),
    ]


def _take_up(schedule: Schedule, machine: Machine) -> tuple[Desk, list[dict[str, Any]]]:
    """A fresh page of this machine takes the session up; also the entries that its browser has set aside."""
    for desk in list(machine.desks):
        machine.close(desk)
    desk = machine.sit_down()
    for _ in range(8):
        standing = desk.standing()
        if standing == "ready":
            break
        if standing == "asks":
            take_over = desk.page.locator("dialog[open] button:has-text('Take over')")
            if take_over.count():
                take_over.click()
                machine.arrive(desk)
            else:
                schedule.answer_questions(desk)
        else:
            machine.visit(desk)
    schedule.answer_questions(desk)
    for _ in range(200):
        said = desk.numbers()
        schedule.lies += said["lies"]
        if said["recorded"] == said["accepted"]:
            break
        desk.page.wait_for_timeout(100)
    else:
        schedule.lies.append(f"{desk.name} never comes to save everything: {said['saving']} {said['banner']}")
    held = desk.journal(schedule.session)
    return desk, [event for row in held["stranded"] for event in row["events"]]


def _of_the_log(log: dict[str, Any], page_digest: str) -> list[str]:
    numbers = [event["seq"] for event in log["events"]]
    said_twice = [one for one, count in Counter(map(_identity, log["events"])).items() if count > 1]
    return [
        *([f"the log is broken: {log['broken']}"] if log["broken"] else []),
        *(["numbers have gaps or doubles"] if numbers != list(range(1, len(numbers) + 1)) else []),
        *(["the last number is not the one accepted"] if len(numbers) != log["accepted"] else []),
        *(["the browser's files are not those of the log"] if page_digest != log["digest"] else []),
        *(f"the browser's hash differs at entry {seq}" for seq in log["mismatches"]),
        *(f"recorded twice: {one}" for one in said_twice),
    ]


def _of_promises(schedule: Schedule, log: dict[str, Any]) -> list[str]:
    return [
        f"“All edits saved” at entry {number} was about other files than the log has there"
        for number, digest in schedule.promises
        if number and log["digests"].get(str(number)) != digest
    ]


def _of_what_was_typed(schedule: Schedule, events: list[dict[str, Any]], aside: list[dict[str, Any]]) -> list[str]:
    """Each word is in the log or with what was set aside, or begins in the one and ends in the other."""
    pages: dict[str, list[dict[str, Any]]] = {}
    for event in sorted([*events, *aside], key=lambda event: event["seq"]):
        pages.setdefault(event["page"], []).append(event)
    held = "\n".join("".join(map(_inserted, entries)) for entries in pages.values())
    return [
        f"{words}, typed at {desk}, is neither in the log nor set aside"
        for words, desk in schedule.said.items()
        if words not in held and words not in schedule.excused
    ]


def _of_what_was_set_aside(events: list[dict[str, Any]], aside: list[dict[str, Any]]) -> list[str]:
    recorded = sum(event["entries"] for event in events if event["kind"] == "stranded")
    logged = set(map(_identity, events))
    doubled = [one["seq"] for one in aside if _identity(one) in logged]
    return [
        *([f"{len(aside)} entries are set aside, the log says {recorded}"] if recorded != len(aside) else []),
        *([f"set aside although the log has them: {doubled}"] if doubled else []),
    ]


def _of_time(events: list[dict[str, Any]]) -> list[str]:
    effort = measure_effort(events)
    parts = (effort.reading_seconds, effort.editing_seconds, effort.waiting_seconds, effort.away_seconds)
    whole = abs(sum(parts) - effort.wall_seconds) < 1e-6 * max(1, effort.wall_seconds)
    return [] if whole and min(parts) >= 0 else [f"the parts of time {parts} are not {effort.wall_seconds} s"]


def _identity(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["page"], event["seq"], event["mono"], event["kind"]


def _inserted(event: dict[str, Any]) -> str:
    """The text that an entry brings, and the name a file gets."""
    sections = [one for one in event.get("changes", []) if isinstance(one, list)]
    names = [event[key] for key in ("path", "to") if event["kind"] in ("file.created", "file.renamed") and key in event]
    return "".join([*("\n".join(one[1:]) for one in sections), *names])
