"""Clean architecture, from folders, imports and what the code of each layer does.

A1  at least three of the four layers exist, each in folders of its own with code that defines something;
    services and repositories are used by something
A2  nothing imports upward: routes → services → repositories → models
A3  routes do not import repositories
A4  services do not import the web framework
A5  routes do not read or write data themselves
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from evaluator.tasks import Constraint
from evaluator.verdict import Certainty, Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.data_access import Access
from evaluator.verifiers.expressions import Text, last_name
from evaluator.verifiers.layers import LAYERS, RANK, SUGGESTED, TITLE, Layer
from evaluator.verifiers.program import Edge
from evaluator.verifiers.source import Source
from evaluator.verifiers.words import words

LEAST_LAYERS = 3
_WIRING = re.compile(
    r"^(deps?|dependenc(y|ies)|containers?|providers?|di|wiring|factor(y|ies)|composition(root)?|injection|index|__init__)$",
    re.IGNORECASE,
)
_WEB = re.compile(
    r"(flask|fastapi|starlette|quart|sanic|litestar|bottle|tornado|falcon|rest_framework|aiohttp\.web)(\.|$)|"
    r"aiohttp_(cors|jwt|session|security|apispec)|django\.(http|shortcuts|views|urls|middleware)(\.|$)"
)
_NEAR_WEB = re.compile(r"django(\.|$)|flask_\w+|werkzeug\.(exceptions|wrappers)|rest_framework_simplejwt|ninja(\.|$)")
_DATA_PARTS_OF_DJANGO = re.compile(
    r"django\.(db|core\.(exceptions|validators)|utils|contrib\.auth\.(hashers|models)|conf|apps)(\.|$)"
)
_WEB_PACKAGES = words("express fastify hono koa koa-router @koa/router @hapi/hapi restify polka h3 @nestjs/common")
_NEAR_WEB_PACKAGES = re.compile(r"hono/.+|@hono/.+|@fastify/.+|fastify-.+|koa-.+|@koa/.+|express-.+")
_PLAIN_ACCESS = words("sql orm builder")
_CONFIRMS_ROUTES = words("get post put patch delete route add_url_rule use all head options")


def verify_architecture(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the clean architecture of a backend."""
    yield from _missing_layers(backend, constraint)
    yield from _unused_layers(backend, constraint)
    yield from _upward_imports(backend, constraint)
    yield from _routes_to_repositories(backend, constraint)
    yield from _services_on_the_web(backend, constraint)
    yield from _data_access_in_routes(backend, constraint)


# A1


def _missing_layers(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    present = {layer for layer in LAYERS if _defining_files(backend, layer)}
    if len(present) >= LEAST_LAYERS:
        return
    missing = [layer for layer in LAYERS if layer not in present]
    folders = ", ".join(SUGGESTED[layer] for layer in missing)
    yield finding(
        constraint,
        "A1",
        "",
        0,
        f"Only {len(present)} of the four layers exist as folders with code of their own"
        f"{_in_brackets(present)}; missing: {', '.join(TITLE[layer] for layer in missing)}. "
        f"Move the code into {folders} so that each layer has its folder.",
        backend.certainty_of_absence,
    )


def _in_brackets(present: set[Layer]) -> str:
    return f" ({', '.join(TITLE[layer] for layer in LAYERS if layer in present)})" if present else ""


def _defining_files(backend: BackendCode, layer: Layer) -> list[str]:
    return [path for path in backend.layering.files_of(layer) if backend.program.sources[path].defines]


def _unused_layers(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """A stub that nothing imports is no layer; whether something reaches it in another way, the text cannot tell."""
    if any(source.dynamic for source in backend.program.sources.values()):
        return
    used = {
        layer
        for path in backend.program.sources
        for edge in backend.program.edges_from(path)
        if (layer := backend.layering.layer_of(edge.target)) is not None and layer != backend.layering.layer_of(path)
    }
    demanded: tuple[Layer, ...] = ("services", "repositories")
    for layer in demanded:
        files = _defining_files(backend, layer)
        if files and layer not in used:
            yield finding(
                constraint,
                "A1",
                files[0],
                0,
                f"Nothing outside the layer imports {TITLE[layer]}, so the other layers seem to work without it. "
                f"Let "
                f"{'routes call these services' if layer == 'services' else 'services call these repositories'}, "
                f"or remove them.",
                "uncertain",
            )


# A2


def _upward_imports(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    layering = backend.layering
    for path in backend.program.sources:
        lower = layering.layer_of(path)
        if lower is None:
            continue
        for edge in backend.program.edges_from(path):
            upper = layering.layer_of(edge.target)
            if upper is not None and RANK[upper] > RANK[lower]:
                yield _upward(backend, constraint, edge, lower, upper)
            elif upper is None:
                yield from _upward_through_others(constraint, backend, edge, lower)


def _upward(backend: BackendCode, constraint: Constraint, edge: Edge, lower: Layer, upper: Layer) -> Finding:
    debatable = (lower, upper) == ("models", "repositories")
    message = (
        f"{TITLE[lower]} import {TITLE[upper]} (“{edge.written}” is {edge.target}), which is upward. "
        f"Move what is needed down into {TITLE[lower]} or a module outside the layers, or hand it in as an argument."
    )
    if debatable:
        message += " The task's text can be read to allow this direction, so it is left to a person."
    return finding(constraint, "A2", edge.importer, edge.line, message, "uncertain" if debatable else "certain")


def _upward_through_others(constraint: Constraint, backend: BackendCode, edge: Edge, lower: Layer) -> Iterator[Finding]:
    """An import of a module outside the layers that leads on to a higher layer through others of that sort."""
    pending: list[tuple[str, tuple[str, ...]]] = [(edge.target, (edge.target,))]
    seen = {edge.target}
    while pending:
        path, way = pending.pop(0)
        for further in backend.program.edges_from(path):
            upper = backend.layering.layer_of(further.target)
            if upper is None and further.target not in seen:
                seen.add(further.target)
                pending.append((further.target, (*way, further.target)))
            elif upper is not None and RANK[upper] > RANK[lower] and (lower, upper) != ("models", "repositories"):
                yield finding(
                    constraint,
                    "A2",
                    edge.importer,
                    edge.line,
                    f"{TITLE[lower]} reach {TITLE[upper]} by way of {' → '.join((*way, further.target))}. "
                    f"If what is used there belongs to {TITLE[upper]}, hand it in as an argument; "
                    "otherwise split the module so that this import no longer leads upward.",
                    "uncertain",
                )
                return


# A3


def _routes_to_repositories(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    for path in backend.layering.files_of("routes"):
        for edge in backend.program.edges_from(path):
            if backend.layering.layer_of(edge.target) != "repositories":
                continue
            wiring = _is_wiring(path) and not _declares_routes(backend.program.sources[path])
            message = (
                f"Routes import Repositories (“{edge.written}” is {edge.target}). Reach storage through a service only."
            )
            if wiring:
                message += (
                    " This file only seems to put services together; move it out of the routes' folder to make "
                    "that plain."
                )
            yield finding(constraint, "A3", path, edge.line, message, "uncertain" if wiring else "certain")


def _is_wiring(path: str) -> bool:
    return bool(_WIRING.match(PurePosixPath(path).stem))


def _declares_routes(source: Source) -> bool:
    """Whether a file registers an address such as `"/articles"`."""
    return any(
        last_name(guarded.call.of) in _CONFIRMS_ROUTES
        and guarded.call.arguments
        and isinstance(guarded.call.arguments[0], Text)
        and guarded.call.arguments[0].value.startswith("/")
        for guarded in source.calls
    )


# A4


def _services_on_the_web(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    for path in backend.layering.files_of("services"):
        told: set[int] = set()
        for module, statement in backend.program.packages_of(path):
            certainty = _web_certainty(module, backend.program.sources[path].language)
            if certainty is None or statement.line in told:
                continue
            told.add(statement.line)
            yield finding(
                constraint,
                "A4",
                path,
                statement.line,
                f"Services import “{statement.module}”, which belongs to the web framework. Raise an error of "
                f"your own or return "
                "plain values, and let the routes turn them into requests and responses.",
                certainty,
            )


def _web_certainty(module: str, language: str) -> Certainty | None:
    if language == "python":
        if _WEB.match(module):
            return "certain"
        if _DATA_PARTS_OF_DJANGO.match(module):
            return "uncertain"
        return "uncertain" if _NEAR_WEB.match(module) else None
    if module in _WEB_PACKAGES:
        return "certain"
    return "uncertain" if _NEAR_WEB_PACKAGES.fullmatch(module) else None


# A5


def _data_access_in_routes(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    routes = set(backend.layering.files_of("routes"))
    accesses = [access for access in backend.data.accesses if access.path in routes]
    plain = {(access.path, access.line): access for access in accesses if access.kind in _PLAIN_ACCESS}
    doubtful: dict[str, Access] = {}
    for access in accesses:
        if access.kind not in _PLAIN_ACCESS and access.path not in {path for path, _ in plain}:
            doubtful.setdefault(access.path, access)
    for access in (*plain.values(), *doubtful.values()):
        yield finding(
            constraint,
            "A5",
            access.path,
            access.line,
            f"Routes read or write data themselves (“{access.what}”). "
            "Move this into a repository and call it through a service.",
            "certain" if access.kind in _PLAIN_ACCESS else "uncertain",
        )
    told = plain.keys()
    for opening in backend.data.openings:
        if opening.path in routes and (opening.path, opening.line) not in told:
            yield finding(
                constraint,
                "A5",
                opening.path,
                opening.line,
                f"Routes open the database themselves ({opening.how}). Open it in the data layer and reach it "
                f"through a service.",
            )
