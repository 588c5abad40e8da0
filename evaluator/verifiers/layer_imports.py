"""Rules A2 and A3 of the clean architecture: which layer imports which. `architecture.py` lists the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from evaluator.tasks import Constraint
from evaluator.verdict import Certainty, Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.expressions import Text, last_name
from evaluator.verifiers.import_graph import Edge
from evaluator.verifiers.layers import LAYERS, RANK, TITLE, Layer
from evaluator.verifiers.source import Source
from evaluator.verifiers.words import words

_WIRING = re.compile(
    r"^(deps?|dependenc(y|ies)|containers?|providers?|di|wiring|factor(y|ies)|composition(root)?|injection|index|__init__)$",
    re.IGNORECASE,
)
_CONFIRMS_ROUTES = words("get post put patch delete route add_url_rule use all head options")

_MOST_STEPS_TOLD = 8

# A2


def upward_imports(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Imports from a lower layer into a higher one, direct or by way of modules outside the layers."""
    layering = backend.layering
    ways: dict[Layer, Mapping[str, str]] = {layer: _ways_to(backend, layer) for layer in LAYERS}
    for path in backend.program.sources:
        lower = layering.layer_of(path)
        if lower is None:
            continue
        for edge in backend.program.edges_from(path):
            upper = layering.layer_of(edge.target)
            if upper is None:
                yield from _through_others(constraint, edge, lower, ways)
            elif RANK[upper] > RANK[lower]:
                yield _upward(constraint, edge, lower, upper)


def _upward(constraint: Constraint, edge: Edge, lower: Layer, upper: Layer) -> Finding:
    debatable = (lower, upper) == ("models", "repositories")
    message = f"{TITLE[lower]} import {TITLE[upper]} (“{edge.written}” is {edge.target}), which is upward."
    if debatable:
        message += " The task's text can be read to allow this direction, so it is left to a person."
    return finding(
        constraint,
        "A2",
        edge.importer,
        edge.line,
        message,
        "uncertain" if debatable else "certain",
        mend=f"Move what is needed down into {TITLE[lower]} or a module outside the layers, or hand it in as an "
        "argument.",
    )


def _through_others(
    constraint: Constraint, edge: Edge, lower: Layer, ways: Mapping[Layer, Mapping[str, str]]
) -> Iterator[Finding]:
    """The nearest higher layer that an imported module outside the layers leads on to."""
    led = [
        (_way(edge.target, ways[upper]), upper)
        for upper in LAYERS
        if edge.target in ways[upper] and RANK[upper] > RANK[lower] and (lower, upper) != ("models", "repositories")
    ]
    if led:
        way, upper = min(led, key=lambda one: len(one[0]))
        yield finding(
            constraint,
            "A2",
            edge.importer,
            edge.line,
            f"{TITLE[lower]} reach {TITLE[upper]} by way of {' → '.join(way)}.",
            "uncertain",
            mend=f"If what is used there belongs to {TITLE[upper]}, hand it in as an argument; otherwise split the "
            "module so that this import no longer leads upward.",
        )


def _way(start: str, ways: Mapping[str, str]) -> list[str]:
    way = [start]
    while way[-1] in ways and len(way) < _MOST_STEPS_TOLD:
        way.append(ways[way[-1]])
    return way


def _ways_to(backend: BackendCode, layer: Layer) -> Mapping[str, str]:
    """For each module outside the layers that leads to a layer: the next module, or file of the layer, on that way.

    Searched backwards from the layer, so that the work grows with the imports and not with the ways through them.
    """
    layer_of = backend.layering.layer_of
    importers: dict[str, list[str]] = {}
    ways: dict[str, str] = {}
    for path in backend.program.sources:
        if layer_of(path) is not None:
            continue
        for edge in backend.program.edges_from(path):
            if layer_of(edge.target) == layer:
                ways.setdefault(path, edge.target)
            elif layer_of(edge.target) is None:
                importers.setdefault(edge.target, []).append(path)
    pending = list(ways)
    for path in pending:
        for importer in importers.get(path, ()):
            if importer not in ways:
                ways[importer] = path
                pending.append(importer)
    return ways


# A3


def repositories_in_routes(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Repositories that routes import, or take from a container."""
    told: set[tuple[str, int]] = set()
    for path in backend.layering.files_of("routes"):
        for edge in backend.program.edges_from(path):
            if backend.layering.layer_of(edge.target) != "repositories":
                continue
            wiring = _is_wiring(path) and not _declares_routes(backend.program.sources[path])
            message = f"Routes import Repositories (“{edge.written}” is {edge.target})."
            mend = "Reach storage through a service only."
            if wiring:
                message += " This file only seems to put services together."
                mend = "Move the file out of the routes' folder to make that plain."
            certainty: Certainty = "uncertain" if wiring else "certain"
            yield finding(constraint, "A3", path, edge.line, message, certainty, mend=mend)
            told.add((path, edge.line))
        yield from (one for one in _handed_repositories(backend, constraint, path) if (path, one.line) not in told)


def _handed_repositories(backend: BackendCode, constraint: Constraint, path: str) -> Iterator[Finding]:
    """Names taken from a module outside the layers that stand for a repository: passed on, or made there."""
    told: set[int] = set()
    for statement in backend.program.sources[path].imports:
        for name in statement.names:
            origin = backend.program.origin_of_taken(path, statement.module, name)
            file = origin.removeprefix("module:").partition("#")[0]
            whole = backend.program.find(path, statement.module)
            if whole is None or backend.layering.layer_of(whole) is not None or statement.line in told:
                continue
            if file != whole and backend.layering.layer_of(file) == "repositories":
                told.add(statement.line)
                yield finding(
                    constraint,
                    "A3",
                    path,
                    statement.line,
                    f"Routes take a repository from {whole} (“{name}” comes from {file}).",
                    "uncertain",
                    mend="Take the service that uses it instead.",
                )


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
