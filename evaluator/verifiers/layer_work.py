"""Rules A4 and A5 of the clean architecture: what the code of a layer may not do. `architecture.py` lists the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Certainty, Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.data_access import Access
from evaluator.verifiers.words import words

_WEB = re.compile(
    r"(flask|fastapi|starlette|quart|sanic|litestar|bottle|tornado|falcon|rest_framework|aiohttp\.web)(\.|$)|"
    r"aiohttp_(cors|jwt|session|security|apispec)|django\.(http|shortcuts|views|urls|middleware)(\.|$)"
)
_NEAR_WEB = re.compile(r"django(\.|$)|flask_\w+|werkzeug\.(exceptions|wrappers)|rest_framework_simplejwt|ninja(\.|$)")
_DATA_PARTS_OF_DJANGO = re.compile(
    r"django\.(db|core\.(exceptions|validators)|utils|contrib\.auth\.(hashers|models)|conf|apps)(\.|$)"
)
_WEB_PACKAGES = words("express fastify hono koa koa-router @koa/router @hapi/hapi restify polka h3 @nestjs/common")
_PARTS_OF_WEB_PACKAGES = re.compile(
    r"(express|fastify|koa)/lib/.+|hono/(http-exception|types|context|request|factory|validator|cookie|cors|streaming|tiny)"
)
_NEAR_WEB_PACKAGES = re.compile(r"hono/.+|@hono/.+|@fastify/.+|fastify-.+|koa-.+|@koa/.+|express-.+")
_PLAIN_ACCESS = words("sql orm builder")

# A4


def services_on_the_web(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Imports of the web framework in services."""
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
                f"Services import “{statement.module}”, which belongs to the web framework.",
                certainty,
                mend="Raise an error of your own or return plain values, and let the routes turn them into requests "
                "and responses.",
            )
        yield from _errors_of_the_framework(backend, constraint, path)


def _errors_of_the_framework(backend: BackendCode, constraint: Constraint, path: str) -> Iterator[Finding]:
    """Names taken from a module outside the layers that are the framework's, or inherit from what is."""
    program = backend.program
    language = program.sources[path].language
    told: set[int] = set()
    for statement in program.sources[path].imports:
        whole = program.find(path, statement.module)
        if whole is None or backend.layering.layer_of(whole) is not None:
            continue
        for name in statement.names:
            origin = program.origin_of_taken(path, statement.module, name)
            file, _, defined = origin.partition("#")
            made = program.sources[file].classes.get(defined) if file in program.sources else None
            origins = [origin, *(program.origin(file, base) for base in (made.bases if made else ()))]
            if statement.line not in told and any(_is_the_framework(one, language) for one in origins):
                told.add(statement.line)
                yield finding(
                    constraint,
                    "A4",
                    path,
                    statement.line,
                    f"Services take “{name}” from {whole}, which is the web framework's or inherits from it.",
                    "uncertain",
                    mend="Let it be an error or value of your own, and let the routes turn it into a response.",
                )


def _is_the_framework(origin: str, language: str) -> bool:
    """Whether an origin such as `fastapi.HTTPException` or `hono/http-exception.HTTPException` is a framework's."""
    module = origin if language == "python" else origin.rpartition(".")[0]
    return "()" not in origin and bool(module) and _web_certainty(module, language) == "certain"


def _web_certainty(module: str, language: str) -> Certainty | None:
    if language == "python":
        if _WEB.match(module):
            return "certain"
        if _DATA_PARTS_OF_DJANGO.match(module):
            return "uncertain"
        return "uncertain" if _NEAR_WEB.match(module) else None
    if module in _WEB_PACKAGES or _PARTS_OF_WEB_PACKAGES.fullmatch(module):
        return "certain"
    return "uncertain" if _NEAR_WEB_PACKAGES.fullmatch(module) else None


# A5


def data_access_in_routes(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Data that routes read or write, and databases that they open."""
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
            f"Routes read or write data themselves (“{access.what}”).",
            "certain" if access.kind in _PLAIN_ACCESS else "uncertain",
            mend="Move this into a repository and call it through a service.",
        )
    told = plain.keys()
    for opening in backend.data.openings:
        if opening.path in routes and (opening.path, opening.line) not in told:
            yield finding(
                constraint,
                "A5",
                opening.path,
                opening.line,
                f"Routes open the database themselves ({opening.how}).",
                mend="Open it in the data layer and reach it through a service.",
            )
