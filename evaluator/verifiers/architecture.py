"""Clean architecture, from folders, imports and what the code of each layer does.

A1  at least three of the four layers exist, each in folders of its own with code that defines something;
    services and repositories are used by something
A2  nothing imports upward: routes → services → repositories → models
A3  routes do not import repositories
A4  services do not import the web framework
A5  routes do not read or write data themselves
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.tasks import Constraint
from evaluator.verdict import Finding
from evaluator.verifiers.backend import BackendCode, finding
from evaluator.verifiers.layer_imports import repositories_in_routes, upward_imports
from evaluator.verifiers.layer_work import data_access_in_routes, services_on_the_web
from evaluator.verifiers.layers import LAYERS, SUGGESTED, TITLE, Layer

LEAST_LAYERS = 3


def verify_architecture(backend: BackendCode, constraint: Constraint) -> Iterator[Finding]:
    """Findings on the clean architecture of a backend."""
    yield from _missing_layers(backend, constraint)
    yield from _unused_layers(backend, constraint)
    yield from upward_imports(backend, constraint)
    yield from repositories_in_routes(backend, constraint)
    yield from services_on_the_web(backend, constraint)
    yield from data_access_in_routes(backend, constraint)


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
        f"Folders with code of their own are there for only {len(present)} of the four layers"
        f"{_in_brackets(present)}; missing: {', '.join(TITLE[layer] for layer in missing)}.",
        backend.certainty_of_absence,
        mend=f"Move the code into {folders} so that each layer has its folder.",
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
                f"Nothing outside the layer imports {TITLE[layer]}, so the other layers seem to work without it.",
                "uncertain",
                mend="Let "
                f"{'routes call these services' if layer == 'services' else 'services call these repositories'}, "
                "or remove them.",
            )
