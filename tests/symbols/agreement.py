"""How far two sources of symbols agree: each identifier counted once, by what each of them says of it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, get_args

from tests.symbols.asked import Place, Said, python_names, script_names
from tests.symbols.jedi_says import Jedi
from tests.symbols.ours_says import ours
from tests.symbols.typescript_says import TypeScript

# same: both name one place, the same. among: ours offers several, theirs is one of them. itself: ours says that it is
# defined right here, theirs elsewhere. different: no place in common. library: ours names a place in the project,
# theirs knows it to be a library's. ours, theirs: the other knows nothing. neither: none names a place in the project.
# guess…: ours found no more than places of that name, and says so; right where theirs is one of them.
Outcome = Literal[
    "same",
    "among",
    "itself",
    "different",
    "library",
    "ours",
    "theirs",
    "neither",
    "guess right",
    "guess wrong",
    "guess",
]
OUTCOMES = get_args(Outcome)
MOST_TURNS = 3
SOURCES = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")


class Source(Protocol):
    """Whoever knows where names are defined and used."""

    def definitions(self, place: Place) -> Said: ...

    def references(self, place: Place) -> Said: ...


@dataclass(frozen=True)
class Compared:
    """One identifier and what both said of it."""

    asked: Place
    outcome: Outcome
    ours: Said
    theirs: Said


@dataclass
class Agreement:
    """Over all identifiers of some backends. References are counted as pairs of a definition and a place of its use."""

    definitions: list[Compared] = field(default_factory=list)
    references: Counter[Literal["both", "ours", "theirs"]] = field(default_factory=Counter)
    references_seconds: list[tuple[float, float]] = field(default_factory=list)
    references_apart: list[tuple[Place, Place, str]] = field(default_factory=list)

    def counts(self) -> Counter[Outcome]:
        return Counter(one.outcome for one in self.definitions)

    def right(self) -> float:
        """The share of identifiers, of those that theirs places in the project, which ours places there too."""
        counts = self.counts()
        found = counts["same"] + counts["among"]
        missed = counts["itself"] + counts["different"] + counts["theirs"]
        return found / max(1, found + missed + counts["guess right"] + counts["guess wrong"])

    def wrong(self) -> float:
        """The share of identifiers, of those that ours places elsewhere and theirs knows, which ours places wrongly.

        Where ours says “here”, nobody is led astray; that counts as not found.
        """
        counts = self.counts()
        wrong = counts["different"] + counts["library"]
        return wrong / max(1, wrong + counts["same"] + counts["among"])

    def shared_references(self) -> float:
        """Of all pairs that either names, the share that both name."""
        return self.references["both"] / max(1, self.references.total())

    def add(self, other: Agreement) -> None:
        self.definitions += other.definitions
        self.references += other.references
        self.references_seconds += other.references_seconds
        self.references_apart += other.references_apart


def sources_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """The texts that can hold names, line ends as the editor has them; no package that a backend may have brought."""
    return {
        path: content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        for path, content in sorted(files.items())
        if path.endswith(SOURCES) and "node_modules/" not in path
    }


def compared(
    files: Mapping[str, bytes], program: Path, packages: Path | None = None, *, every: int = 1
) -> dict[str, Agreement]:
    """One backend: the agreement by language (`Python`, `JavaScript`).

    `program` is the index as `built_index` makes it, `packages` the folder of the backend's dependencies. References
    cost most: they are asked of one definition in `every`.
    """
    texts = sources_of(files)
    found = {}
    with _on_disk(files, packages) as root:
        if asked := list(python_names(texts)):
            folders = packages.glob("lib/python3*/site-packages") if packages is not None else ()
            found["Python"] = _agreement(texts, asked, Jedi(root, texts, folders), program, every)
        if asked := list(script_names(texts)):
            with TypeScript(root, texts) as typescript:
                found["JavaScript"] = _agreement(texts, asked, typescript, program, every)
    return found


def _agreement(
    texts: Mapping[str, str], asked: Sequence[Place], theirs: Source, program: Path, every: int
) -> Agreement:
    define = cache(theirs.definitions)
    said = [followed(define(place), define) for place in asked]
    defined = sorted({place for one in said for place in one.places} & set(asked))[::every]
    used = [theirs.references(place) for place in defined]
    definitions, references = ours(program, texts, asked, defined)
    found = Agreement()
    for place, own, other in zip(asked, definitions, said, strict=True):
        found.definitions.append(Compared(place, outcome_of(place, own, other), own, other))
    for place, own, other in zip(defined, references, used, strict=True):
        found.references["both"] += len(own.places & other.places)
        found.references["ours"] += len(own.places - other.places)
        found.references["theirs"] += len(other.places - own.places)
        found.references_seconds.append((own.seconds, other.seconds))
        found.references_apart += [(place, one, "ours") for one in own.places - other.places]
        found.references_apart += [(place, one, "theirs") for one in other.places - own.places]
    return found


def followed(said: Said, define: Callable[[Place], Said]) -> Said:
    """An answer together with what its places lead to: of `module.exports = { name }` the function of that name."""
    places, new = said.places, said.places
    for _ in range(MOST_TURNS):
        new = frozenset[Place]().union(*(define(place).places for place in new)) - places
        places |= new
    return replace(said, places=places)


def outcome_of(asked: Place, own: Said, other: Said) -> Outcome:
    """How two answers for one identifier compare."""
    if own.places & other.places:
        return "same" if len(own.places) == 1 else "among"
    if not own.places and own.guessed:
        known = other.places or other.library
        return "guess right" if own.guessed & other.places else "guess wrong" if known else "guess"
    if own.places == {asked} and (other.places or other.library):
        return "itself"
    if own.places and other.places:
        return "different"
    if own.places:
        return "library" if other.library else "ours"
    # Where the packages are not installed, theirs ends at the import, too.
    return "theirs" if other.places - own.imports else "neither"


@contextmanager
def _on_disk(files: Mapping[str, bytes], packages: Path | None) -> Iterator[Path]:
    """The backend in a folder of its own, beside the packages of its environment."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        for path, content in files.items():
            if not path.startswith("node_modules/"):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
        if packages is not None and (packages / "node_modules").is_dir():
            (root / "node_modules").symlink_to(packages / "node_modules")
        yield root
