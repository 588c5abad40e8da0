"""What may go wrong in a random-fault journey, and how often each act is chosen.

Each act is a function of the schedule and of a desk with a ready page.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.journeys.fault_machines import Desk, suppressed
from tests.journeys.fault_person import (
    ask_for_checks,
    create_file,
    delete_file,
    paste,
    redo,
    rename_file,
    replace_all,
    save_now,
    take_over_here,
    type_words,
    undo,
)

if TYPE_CHECKING:
    from tests.journeys.fault_schedule import Schedule

# What goes wrong with a page


def reload(schedule: Schedule, desk: Desk) -> None:
    schedule.kept_before_the_end(desk)
    desk.page.reload(wait_until="domcontentloaded")
    desk.machine.arrive(desk)


def leave_and_return(schedule: Schedule, desk: Desk) -> None:
    """Away and back, through the browser's cache of pages where it takes this one."""
    schedule.kept_before_the_end(desk)
    desk.page.goto("about:blank")
    desk.page.go_back(wait_until="domcontentloaded")
    desk.machine.arrive(desk)


def kill_tab(schedule: Schedule, desk: Desk) -> None:
    schedule.kept_before_the_end(desk)
    if schedule.chance() < 0.5:
        with suppressed():
            desk.page.goto("chrome://crash", timeout=3_000)
    desk.machine.close(desk)


def freeze(schedule: Schedule, desk: Desk) -> None:
    desk.devtools("Page.setWebLifecycleState", state="frozen")
    desk.frozen = True


def move_clock(schedule: Schedule, desk: Desk) -> None:
    hours = (-20 * 365 * 24, -1, 1, 24, 20 * 365 * 24)[int(5 * schedule.chance())]
    desk.page.evaluate("by => { const now = Date.now; Date.now = () => now() + by; }", hours * 3_600_000)


def sleep(schedule: Schedule, desk: Desk) -> None:
    desk.page.evaluate(
        "by => { const wall = Date.now; Date.now = () => wall() + by;"
        " const own = performance.now.bind(performance); performance.now = () => own() + by; }",
        3_600_000,
    )


def refuse_beacons(schedule: Schedule, desk: Desk) -> None:
    desk.page.evaluate("() => { navigator.sendBeacon = () => false; }")


def fill_storage(schedule: Schedule, desk: Desk) -> None:
    desk.devtools("Storage.overrideQuotaForOrigin", origin=schedule.site.url, quotaSize=1)


def refuse_storage(schedule: Schedule, desk: Desk) -> None:
    """The browser's storage breaks under the page, and for half of them for the pages that follow in this tab."""
    desk.page.evaluate(
        "() => { window.__transaction ??= IDBDatabase.prototype.transaction;"
        " IDBDatabase.prototype.transaction = () => { throw new Error('refused'); }; }"
    )
    if schedule.chance() < 0.5:
        desk.page.evaluate("() => sessionStorage.setItem('refuse-storage', '1')")


def storage_works_again(schedule: Schedule, desk: Desk) -> None:
    desk.devtools("Storage.overrideQuotaForOrigin", origin=schedule.site.url)
    desk.page.evaluate(
        "() => { if (window.__transaction) IDBDatabase.prototype.transaction = window.__transaction;"
        " sessionStorage.removeItem('refuse-storage'); }"
    )


# What goes wrong on the way


def twice(schedule: Schedule, desk: Desk) -> None:
    def send(route: Any) -> None:
        route.fetch()
        route.continue_()

    schedule.on_the_way(desk, send)


def answer_lost(schedule: Schedule, desk: Desk) -> None:
    def send(route: Any) -> None:
        route.fetch()
        route.abort()

    schedule.on_the_way(desk, send)


def server_error(schedule: Schedule, desk: Desk) -> None:
    status = (500, 502, 503, 429)[int(4 * schedule.chance())]
    schedule.on_the_way(desk, lambda route: route.fulfill(status=status, body="<h1>Oh</h1>"))


def later_half_first(schedule: Schedule, desk: Desk) -> None:
    def send(route: Any) -> None:
        body = json.loads(route.request.post_data)
        half = len(body["events"]) // 2
        late = body | {"first": body["first"] + half, "events": body["events"][half:]}
        if half:
            route.fulfill(response=route.fetch(post_data=json.dumps(late)))
        else:
            route.continue_()

    schedule.on_the_way(desk, send)


def late_and_again(schedule: Schedule, desk: Desk) -> None:
    """A copy of the batch arrives some acts later, whatever has happened since."""

    def send(route: Any) -> None:
        schedule.stragglers.append((route.request.url, route.request.post_data, route.request.headers))
        route.continue_()

    schedule.on_the_way(desk, send)


def held_up(schedule: Schedule, desk: Desk) -> None:
    """The batch waits somewhere on the way until the next act is over."""
    schedule.on_the_way(desk, schedule.waiting.append)


# What goes wrong elsewhere


def go_offline(schedule: Schedule, desk: Desk) -> None:
    desk.machine.offline = True
    desk.machine.context.set_offline(True)


def come_back(schedule: Schedule, desk: Desk) -> None:
    desk.machine.offline = False
    desk.machine.context.set_offline(False)


def sign_in_expires(schedule: Schedule, desk: Desk) -> None:
    desk.machine.context.clear_cookies()


def sign_in_again(schedule: Schedule, desk: Desk) -> None:
    desk.machine.sign_in_elsewhere()


def kill_browser(schedule: Schedule, desk: Desk) -> None:
    for one in desk.machine.desks:
        schedule.kept_before_the_end(one)
    desk.machine.die()


def second_page(schedule: Schedule, desk: Desk) -> None:
    if len(desk.machine.desks) < 3:
        desk.machine.sit_down()


def other_machine(schedule: Schedule, desk: Desk) -> None:
    other = next(machine for machine in schedule.machines if machine is not desk.machine)
    if len(other.desks) < 2:
        other.sit_down()


def kill_web(schedule: Schedule, desk: Desk) -> None:
    with suppressed(ProcessLookupError, KeyError):
        os.kill(schedule.site.children()["web"], signal.SIGKILL)


def kill_database(schedule: Schedule, desk: Desk) -> None:
    """As a crash: nothing is flushed in order. It is started again two acts later."""
    schedule.kill_database()


def wait(schedule: Schedule, desk: Desk) -> None:
    desk.page.wait_for_timeout(200 + 1500 * schedule.chance())


Act = Callable[["Schedule", Desk], None]
ACTS: dict[Act, int] = {
    type_words: 12,
    paste: 4,
    undo: 3,
    redo: 1,
    replace_all: 2,
    create_file: 2,
    rename_file: 2,
    delete_file: 1,
    ask_for_checks: 1,
    save_now: 1,
    take_over_here: 2,
    reload: 3,
    leave_and_return: 1,
    kill_tab: 2,
    freeze: 2,
    move_clock: 2,
    sleep: 1,
    refuse_beacons: 1,
    fill_storage: 2,
    refuse_storage: 1,
    storage_works_again: 2,
    twice: 2,
    answer_lost: 3,
    server_error: 2,
    later_half_first: 2,
    late_and_again: 2,
    held_up: 2,
    go_offline: 3,
    come_back: 3,
    sign_in_expires: 2,
    sign_in_again: 2,
    kill_browser: 1,
    second_page: 3,
    other_machine: 3,
    kill_web: 1,
    kill_database: 1,
    wait: 3,
}
