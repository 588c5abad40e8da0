"""What the verifiers know of one source file, in one form for all languages. Holds no rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal

from evaluator.verifiers.expressions import Expression, Invoke, Name

# When a piece of code has its turn, as far as the text tells: always (or by default, without environment variables),
# only when an environment variable asks for it, only if something that the text does not tell, only under test.
Guard = Literal["always", "optional", "unclear", "test"]


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """One import as written. `names` are the names taken from it (`*` for all, empty where unknown)."""

    module: str
    line: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A local name that stands for `name` of `module`; `*` for the module itself, `default` for its default export."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class GuardedExpression:
    """A value given to a name, and when."""

    expression: Expression
    line: int
    guard: Guard


@dataclass(frozen=True, slots=True)
class GuardedCall:
    """A call, and when it is made."""

    call: Invoke
    guard: Guard


@dataclass(frozen=True, slots=True)
class ClassStatement:
    """A class with its bases and decorators. `fields` are the names given a value or a type in its body."""

    name: str
    line: int
    bases: tuple[Expression, ...]
    decorators: tuple[Expression, ...] = ()
    fields: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()


@dataclass
class Source:
    """The facts of one file.

    `bindings` maps every name that is given a value anywhere in the file; `attributes` every field, key and keyword
    that is; `returns` what functions and properties of a name give back; `exports` what other files can take;
    `star_exports` modules that are passed on whole. `defines` is whether the file defines anything; `dynamic` whether
    it imports what the text does not name; `can_load` whether it has a function that imports what it is told.
    """

    path: str
    language: Literal["python", "javascript"]
    imports: list[ImportStatement] = field(default_factory=list)
    imported: dict[str, ImportedName] = field(default_factory=dict)
    bindings: dict[str, list[GuardedExpression]] = field(default_factory=dict)
    attributes: dict[str, list[GuardedExpression]] = field(default_factory=dict)
    returns: dict[str, list[GuardedExpression]] = field(default_factory=dict)
    exports: dict[str, Expression] = field(default_factory=dict)
    star_exports: list[str] = field(default_factory=list)
    calls: list[GuardedCall] = field(default_factory=list)
    classes: dict[str, ClassStatement] = field(default_factory=dict)
    definitions: set[str] = field(default_factory=set)
    defines: bool = False
    dynamic: bool = False
    can_load: bool = False

    @cached_property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return PurePosixPath(self.path).stem

    def exported_as(self, name: str) -> str:
        """The local name of what other files take as `name`; empty where it is no plain name."""
        exported = self.exports.get(name)
        return exported.name if isinstance(exported, Name) else ""

    def bind(self, name: str, expression: Expression, line: int, guard: Guard) -> None:
        """Remember that a name was given a value."""
        self.bindings.setdefault(name, []).append(GuardedExpression(expression, line, guard))

    def attribute(self, name: str, expression: Expression, line: int, guard: Guard) -> None:
        """Remember that a field, key or keyword was given a value."""
        self.attributes.setdefault(name, []).append(GuardedExpression(expression, line, guard))

    def gives_back(self, name: str, expression: Expression, line: int, guard: Guard) -> None:
        """Remember what a function or property returns."""
        self.returns.setdefault(name, []).append(GuardedExpression(expression, line, guard))
