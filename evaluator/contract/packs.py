"""Contracts are packs: one folder holds all that is known of one API, and nothing outside it does.

A folder beside this file with a `pack.toml` is a pack. It brings checks of our own (`[checks]`, a Python package), or a
Postman collection (`[collection]`), or only an OpenAPI document (`[document]`). A folder anywhere else may be a pack of
the two latter kinds, which are data. Code is taken from this package only: checks run outside the sandbox, with every
right of the evaluator, so they are code that somebody has reviewed and installed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from evaluator.errors import BadInput

if TYPE_CHECKING:
    from evaluator.contract.checks import Contract
    from evaluator.contract.from_openapi import Account, Document
    from evaluator.contract.postman import Collection

MANIFEST = "pack.toml"
MOST_MANIFEST_BYTES = 64 * 1024
MOST_FILE_BYTES = 8 * 1024 * 1024
Kind = Literal["checks", "collection", "document"]
KINDS: tuple[Kind, ...] = ("checks", "collection", "document")
FIELDS = frozenset({"title", "base", "health", "database", "demands", *KINDS})


@dataclass(frozen=True)
class Pack:
    """What a pack says of itself.

    `base` is the path in front of every route, `health` the path that answers 200 once the server is ready, `database`
    the name under which a backend with the constraint PostgreSQL finds its database. `demands` has, for the value of
    each constraint, what it demands of a backend, as a generator is told and an annotator reads it.
    """

    name: str
    title: str
    base: str
    health: str
    database: str
    demands: Mapping[str, str]
    kind: Kind
    folder: Path

    @property
    def health_operation(self) -> str:
        """The health check as an operation below the base."""
        return f"GET {self.health.removeprefix(self.base)}"


@dataclass(frozen=True)
class CollectionPack:
    """A collection, the name that it has for the base address, and its other variables; see `judge_collection`."""

    collection: Collection
    base_variable: str
    variables: Mapping[str, str]


@dataclass(frozen=True)
class DocumentPack:
    """A document, how a run gets its credentials, and the most examples per operation; see `judge_document`."""

    document: Document
    account: Account | None
    examples: int | None


@cache
def known_packs() -> tuple[str, ...]:
    """The names of the packs of this package, in order."""
    return tuple(sorted(entry.name for entry in _home().iterdir() if (entry / MANIFEST).is_file()))


def pack_named(name: str) -> Pack:
    """The pack with this name, or in the folder at this path.

    Raises BadInput where there is none, naming those that are known, or where its manifest cannot be read.
    """
    if name in known_packs():
        return _read(_home() / name, name)
    folder = Path(name).expanduser()
    if not (folder / MANIFEST).is_file():
        raise BadInput(
            f"There is no contract “{name[:200]}”; known: {', '.join(known_packs())}. "
            f"A folder with a {MANIFEST} is one too."
        )
    pack = _read(folder.resolve(), str(folder.resolve()))
    if pack.kind == "checks":
        raise BadInput(
            f"“{name}” brings checks in Python. They would run outside the sandbox, so they are taken from the package "
            f"evaluator/contract only; a folder may bring a [collection] or a [document]."
        )
    return pack


def contract_of(pack: Pack) -> Contract:
    """The checks of a pack of ours: `CONTRACT` of its package."""
    contract: Contract = import_module(f"evaluator.contract.{pack.name}").CONTRACT
    return contract


@cache
def collection_of(pack_folder: Path) -> CollectionPack:
    """The collection of the pack in this folder. Raises BadInput where it cannot be read."""
    from evaluator.contract.postman import read_collection

    told = _Told(_manifest(pack_folder)["collection"], pack_folder, "collection")
    return CollectionPack(read_collection(told.file()), told.text("base_variable"), told.texts("variables"))


@cache
def document_of(pack_folder: Path) -> DocumentPack:
    """The document of the pack in this folder. Raises BadInput where it cannot be read."""
    from evaluator.contract.from_openapi import Account, read_document

    told = _Told(_manifest(pack_folder)["document"], pack_folder, "document")
    account = None
    if told.has("account"):
        asked = told.below("account")
        names = ("method", "path", "body", "token", "authorization")
        account = Account(**{name: asked.text(name) for name in names if name != "authorization" or asked.has(name)})
    return DocumentPack(read_document(told.file()), account, told.number("examples"))


def _home() -> Path:
    return Path(str(files("evaluator.contract")))


@cache
def _read(folder: Path, name: str) -> Pack:
    manifest = _manifest(folder)
    told = _Told(manifest, folder, "")
    unknown = sorted(manifest.keys() - FIELDS)
    if unknown:
        raise BadInput(f"{folder / MANIFEST} has a field that no pack has: {', '.join(unknown)}.")
    kinds = [kind for kind in KINDS if kind in manifest]
    if len(kinds) != 1:
        raise BadInput(f"{folder / MANIFEST} must have exactly one of [checks], [collection] and [document].")
    base, health = told.path("base"), told.path("health")
    return Pack(
        name=name,
        title=told.text("title"),
        base="" if base == "/" else base,
        health=health,
        database=told.text("database") if told.has("database") else "database",
        demands=told.texts("demands"),
        kind=kinds[0],
        folder=folder,
    )


@cache
def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_content(folder, MANIFEST, MOST_MANIFEST_BYTES).decode("utf-8"))
    except ValueError as error:
        raise BadInput(f"{folder / MANIFEST} cannot be read: {error}.") from None


def _content(folder: Path, name: str, most: int) -> bytes:
    """The content of a file in the folder itself: never through a link, never from elsewhere."""
    if name != os.path.basename(name) or name in ("", ".", ".."):
        raise BadInput(f"“{name[:200]}” must be a file in the folder {folder}.")
    try:
        with os.fdopen(os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"{folder / name} cannot be read: {error.strerror}.") from None
    if len(content) > most:
        raise BadInput(f"{folder / name} is larger than {most} bytes.")
    return content


class _Told:
    """A table of a manifest; each question raises BadInput, naming the field, where the answer is not as it must be."""

    def __init__(self, table: object, folder: Path, place: str) -> None:
        self._place = f"[{place}] " if place else ""
        self._folder = folder
        if not isinstance(table, dict):
            raise self._wrong("must be a table")
        self._table = table

    def has(self, name: str) -> bool:
        return name in self._table

    def text(self, name: str) -> str:
        value = self._table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(f"must say {name}, a text")
        return value

    def texts(self, name: str) -> dict[str, str]:
        value = self._table.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise self._wrong(f"{name} must be a table of texts")
        return value

    def number(self, name: str) -> int | None:
        value = self._table.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000):
            raise self._wrong(f"{name} must be a number from 1 to 1000")
        return value

    def path(self, name: str) -> str:
        value = self.text(name)
        if not value.startswith("/") or any(character.isspace() for character in value):
            raise self._wrong(f"{name} must be a path that begins with /")
        return value.rstrip("/") or "/"

    def file(self) -> bytes:
        return _content(self._folder, self.text("file"), MOST_FILE_BYTES)

    def below(self, name: str) -> _Told:
        return _Told(self._table[name], self._folder, name)

    def _wrong(self, what: str) -> BadInput:
        return BadInput(f"{self._folder / MANIFEST}: {self._place}{what}.")
