"""Whether routes are grouped by what they are about, each resource on a router of its own.

R1  routes are registered on routers (blueprints, plugins, modules of addresses), not all on the application
R2  a router serves one resource
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import (
    Expression,
    Invoke,
    Join,
    Member,
    Name,
    Record,
    Text,
    last_name,
    receiver_and_method,
)
from evaluator.verifiers.program import Program
from evaluator.verifiers.words import words

_APPLICATION = re.compile(
    r"flask(\.\w+)*\.Flask\(\)|quart\.Quart\(\)|fastapi(\.\w+)*\.FastAPI\(\)|starlette(\.\w+)*\.Starlette\(\)|"
    r"aiohttp\.web(\.\w+)?\.Application\(\)(\.router)?|express(\.default)?\(\)|fastify(\.default|\.fastify)?\(\)(\.\w+\(\))*|"
    r"koa(\.default)?\(\)"
)
_ROUTER = re.compile(
    r"flask(\.\w+)*\.Blueprint\(\)|quart\.Blueprint\(\)|fastapi(\.\w+)*\.APIRouter\(\)|flask_smorest\.Blueprint\(\)|"
    r"aiohttp\.web(\.\w+)?\.(RouteTableDef\(\)|)|aiohttp\.web|express(\.default)?\.Router\(\)|rest_framework\.routers\.\w+\(\)|"
    r"(@koa/router|koa-router|@koa/router\.Router|find-my-way|router)(\.default|\.Router)?\(\)"
)
_HONO = re.compile(r"(hono|@hono/zod-openapi)(/\w+)?\.(Hono|OpenAPIHono)\(\)(\.basePath\(\))?")
# What a function that is handed the application calls it.
_HANDED_IN = re.compile(
    r"\?(this\.)?_?(app|application|router|fastify|server|instance|api|web_app)(\.router)?|"
    r".*#(app|application|fastify|router)"
)
_DJANGO = re.compile(r"django\.(urls|conf\.urls)(\.\w+)*\.(path|re_path|url)")
_REGISTERS = words(
    "route get post put patch delete del all options head api_route add_url_rule add_api_route add_get add_post",
    "add_put add_patch add_delete add_route add_view view websocket",
)
_METHOD_FIRST = words("add_route")
_ADDRESS = re.compile(r"^\^?/?[\w:{}<>*.()\\/\-?+\[\]$|~]*$")
_PARAMETER = re.compile(r"[:{}<>*()\\?\[]")
_PREFIXES = re.compile(r"^(api|rest|v\d+)$")
_NOT_RESOURCES = words(
    "health healthz health-check healthcheck ping ready live status docs openapi openapi.json swagger redoc metrics",
    "favicon.ico static admin version",
)
MANY = 3

On = Literal["application", "router", "function"]


@dataclass(frozen=True, slots=True)
class Route:
    """An address that is registered: what on, and which resource it is about (empty where the text does not tell)."""

    path: str
    line: int
    on: On
    receiver: str
    address: str


def verify_routing(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on how the routes of a backend are grouped."""
    routes = list(_routes(backend.program))
    on_application = [route for route in routes if route.on == "application" and _resource(route.address)]
    grouped: dict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in routes:
        if route.on != "application":
            grouped[route.path, route.receiver].append(route)
    yield from _all_on_the_application(constraint, on_application, bool(grouped))
    for of_router in grouped.values():
        yield from _more_than_one_resource(constraint, of_router)


# R1


def _all_on_the_application(constraint: Constraint, routes: list[Route], has_routers: bool) -> Iterator[Finding]:
    resources = {_resource(route.address) for route in routes}
    if len(resources) < (1 if has_routers else 2):
        return
    by_file = {route.path: {_resource(one.address) for one in routes if one.path == route.path} for route in routes}
    mixed = any(len(found) > 1 for found in by_file.values())
    yield finding(
        constraint,
        "R1",
        routes[0].path,
        routes[0].line,
        f"Routes of {_listed(resources)} are registered on the application itself.",
        "certain" if mixed and not has_routers else "uncertain",
        mend="Make a router (blueprint, plugin) for each resource, in a file of its own, that the application uses.",
    )


# R2


def _more_than_one_resource(constraint: Constraint, routes: list[Route]) -> Iterator[Finding]:
    addresses = [route.address for route in routes]
    if any(_is_relative(address) for address in addresses):
        return  # mounted below the address of its resource
    resources = {resource for address in addresses if (resource := _resource(address))}
    if len(resources) < 2:
        return
    yield finding(
        constraint,
        "R2",
        routes[0].path,
        routes[0].line,
        f"One router serves {len(resources)} resources: {_listed(resources)}.",
        "certain" if len(resources) >= MANY else "uncertain",
        mend="Make a router for each of them, in a file of its own.",
    )


def _is_relative(address: str) -> bool:
    """Whether an address begins with what it is about, or only with which one: `/`, `/:slug`."""
    first = _segments(address)[:1]
    return not first or bool(_PARAMETER.search(first[0]))


def _segments(address: str) -> list[str]:
    return [part for part in address.lstrip("^").rstrip("$").split("/") if part and not _PREFIXES.match(part)]


def _resource(address: str) -> str:
    """What an address is about, in the singular; empty for the health check and the like."""
    first = _segments(address)[:1]
    if not first or _PARAMETER.search(first[0]) or first[0].lower() in _NOT_RESOURCES:
        return ""
    word = first[0].lower()
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


# Where routes are registered


def _routes(program: Program) -> Iterator[Route]:
    mounted = _has_mounted_hono(program)
    for path, source in program.sources.items():
        for guarded in source.calls:
            call = guarded.call
            receiver, method = receiver_and_method(call)
            origin = program.origin(path, call.of)
            if _DJANGO.fullmatch(origin):
                yield from _django_route(program, path, call)
                continue
            address = _address(program, path, call, method)
            on = _on(program, path, receiver, mounted) if address is not None else None
            if address is not None and on is not None:
                yield Route(path, call.line, on, _receiver_name(receiver), _prefix(program, path, receiver) + address)


def _django_route(program: Program, path: str, call: Invoke) -> Iterator[Route]:
    """An address of a module of addresses; one that includes another module registers nothing itself."""
    texts = program.texts(path, call.arguments[0])[:1] if call.arguments else []
    included = (
        len(call.arguments) > 1
        and isinstance(call.arguments[1], Invoke)
        and (last_name(call.arguments[1].of) == "include")
    )
    if texts and not included:
        includes = any(last_name(guarded.call.of) == "include" for guarded in program.sources[path].calls)
        on: On = "application" if includes else "router"
        yield Route(path, call.line, on, "urlpatterns", "/" + texts[0].value.lstrip("/"))


def _address(program: Program, path: str, call: Invoke, method: str) -> str | None:
    """The address that a call registers; None where it registers none."""
    if method not in _REGISTERS or not call.arguments:
        return None
    position = 1 if method in _METHOD_FIRST and len(call.arguments) > 2 else 0
    argument = call.arguments[position]
    if method == "route" and len(call.arguments) == 2 and not call.named and "hono" in program.all_packages:
        return None  # mounts another application
    if isinstance(argument, Record):
        argument = argument.entries.get("url", argument)
    if not isinstance(argument, (Text, Join, Name, Member)):
        return None
    address = next((text.value for text in program.texts(path, argument)), None)
    if address is None or not _ADDRESS.match(address) or (address and address[0] not in "/^"):
        return None
    return address


def _on(program: Program, path: str, receiver: Expression, hono_is_mounted: bool) -> On | None:
    origin = program.origin(path, receiver)
    if _APPLICATION.fullmatch(origin):
        return "application"
    if _ROUTER.fullmatch(origin):
        return "router"
    if _HONO.fullmatch(origin):
        return "application" if not hono_is_mounted or _mounts(program, path, receiver) else "router"
    if _HANDED_IN.fullmatch(origin) and program.serves:
        return "function"
    return None


def _has_mounted_hono(program: Program) -> bool:
    return "hono" in program.all_packages and any(
        last_name(guarded.call.of) == "route" and len(guarded.call.arguments) == 2
        for source in program.sources.values()
        for guarded in source.calls
    )


def _mounts(program: Program, path: str, receiver: Expression) -> bool:
    """Whether other applications are mounted on this one."""
    return any(
        last_name(guarded.call.of) == "route"
        and len(guarded.call.arguments) == 2
        and receiver_and_method(guarded.call)[0] == receiver
        for guarded in program.sources[path].calls
    )


def _receiver_name(receiver: Expression) -> str:
    name = last_name(receiver)
    return _receiver_name(receiver.of) if name == "router" and isinstance(receiver, Member) else name


def _prefix(program: Program, path: str, receiver: Expression) -> str:
    """The address that a router was made with: url_prefix, prefix."""
    if not isinstance(receiver, Name):
        return ""
    for where, value in program.values_of_name(path, receiver.name):
        made = value.expression
        if isinstance(made, Invoke):
            options = [record for argument in made.arguments for _, record, _ in program.records(where, argument)]
            given = [made.named[name] for name in ("url_prefix", "prefix") if name in made.named]
            given += [record.entries["prefix"] for record in options if "prefix" in record.entries]
            for one in given:
                for text in program.texts(where, one)[:1]:
                    return text.value.rstrip("/")
    return ""


def _listed(resources: set[str]) -> str:
    shown = sorted(resource for resource in resources if resource)
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
