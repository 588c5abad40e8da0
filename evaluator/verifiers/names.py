"""What a name stands for, and what strings and settings an expression can be, across files.

A name's **origin** is where it comes from, written as one string: `psycopg2.connect` for a package's name,
`flask_sqlalchemy.SQLAlchemy().Model` for what a call gives, `src/models/user.py#User` for a definition of the project,
`module:src/db.js` for a file as a whole, `?db.query` where the text does not tell what `db` is.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from evaluator.verifiers.conditions import speaks_of_tests
from evaluator.verifiers.expressions import (
    GAP,
    Choice,
    Expression,
    Invoke,
    Join,
    Listing,
    Member,
    Name,
    Record,
    Text,
)
from evaluator.verifiers.import_graph import MOST_STEPS, ImportGraph
from evaluator.verifiers.project import Project
from evaluator.verifiers.source import Guard, GuardedExpression, ImportedName
from evaluator.verifiers.words import words

_MOST_TEXTS = 12
_PASSES_TEXT_ON = words(
    "str Path dedent cleandoc String make_url create text SQL sql raw abspath resolve fileURLToPath URL", "literal Sql"
)
_KEEPS_TEXT = words("strip lstrip rstrip format format_map replace trim trimEnd trimStart encode toString lower set")
_LOADERS = words("importlib.import_module importlib.__import__ module.createRequire() module.default.createRequire()")

_BUILT_IN = frozenset(dir(builtins))
Key = tuple[str, Expression | tuple[str, ...]]
Values = Sequence[tuple[str, GuardedExpression]]


@dataclass(frozen=True, slots=True)
class GuardedText:
    """A string that an expression can have, and when."""

    value: str
    guard: Guard


class Names(ImportGraph):
    """Follows names through assignments, imports and exports. Every answer is bounded in work."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._origins: dict[tuple[str, str], str] = {}
        self._given_back: dict[str, str] = {}
        self._kept: list[Expression] = []  # alive, as what is known of some is remembered by their ids
        self._known_texts: dict[Key, list[GuardedText]] = {}
        self._known_records: dict[Key, list[tuple[str, Record, Guard]]] = {}

    def origin(self, path: str, expression: Expression, steps: int = 0) -> str:
        """Where the value of an expression comes from; empty where there is nothing to say. See the top of the file."""
        if steps > MOST_STEPS:
            return ""
        match expression:
            case Name(name=name):
                return self._origin_of_name(path, name, steps)
            case Member(of=of, name=name):
                before = self.origin(path, of, steps + 1)
                if before.startswith("module:"):
                    return self._origin_of_export(before.removeprefix("module:"), name, steps + 1)
                return f"{before}.{name}" if before else ""
            case Invoke():
                return self._origin_of_call(path, expression, steps + 1)
            case Choice(options=options):
                return next((found for one in options if (found := self.origin(path, one, steps + 1))), "")
            case _:
                return ""

    def _origin_of_call(self, path: str, call: Invoke, steps: int) -> str:
        if call.arguments and self.loads_a_module(path, call.of, steps):
            module = self.text(path, call.arguments[0], steps)
            return self._origin_of_module(path, module) if module else ""
        before = self.origin(path, call.of, steps)
        if before.startswith("module:"):
            before = self._origin_of_export(before.removeprefix("module:"), "default", steps)
        return self._origin_of_return(before, steps) or (f"{before}()" if before else "")

    def _origin_of_return(self, function: str, steps: int) -> str:
        """Where the value comes from that a function of the project gives back, if that is plain."""
        if function not in self._given_back:
            self._given_back[function] = ""
            self._given_back[function] = self._find_origin_of_return(function, steps)
        return self._given_back[function]

    def _find_origin_of_return(self, function: str, steps: int) -> str:
        target, _, name = function.partition("#")
        source = self.sources.get(target)
        if source is None or name not in source.definitions or name in source.classes:
            return ""
        for value in source.returns.get(name, ())[:3]:
            if isinstance(value.expression, (Invoke, Name)):
                found = self.origin(target, value.expression, steps + 4)
                if found and not found.startswith("?"):
                    return found
        return ""

    def loads_a_module(self, path: str, called: Expression, steps: int = 0) -> bool:
        """Whether a call of this is an import: `require`, `import()`, `import_module` and what stands for them."""
        if isinstance(called, Name) and called.name in ("require", "import", "__import__"):
            return True
        if not self.sources[path].can_load:
            return False
        return self.origin(path, called, steps + 1) in _LOADERS

    def text(self, path: str, expression: Expression, steps: int = 0) -> str:
        """The one string that an expression is; empty where the text does not show all of it."""
        if isinstance(expression, Text):
            return expression.value
        known = self.texts(path, expression, steps)
        return known[0].value if known and GAP not in known[0].value else ""

    def _origin_of_module(self, path: str, module: str) -> str:
        target = self.find(path, module)
        if target is not None:
            return f"module:{target}"
        return module.removeprefix("node:")

    def _origin_of_name(self, path: str, name: str, steps: int) -> str:
        key = (path, name)
        if key not in self._origins:
            self._origins[key] = ""
            self._origins[key] = self._find_origin(path, name, steps + 1)
        return self._origins[key]

    def _find_origin(self, path: str, name: str, steps: int) -> str:
        source = self.sources[path]
        if name in source.classes:
            return f"{path}#{name}"
        imported = source.imported.get(name)
        if imported is not None:
            return self._origin_of_import(path, imported, steps)
        for bound in source.bindings.get(name, ())[:_MOST_TEXTS]:
            found = self.origin(path, bound.expression, steps + 1)
            if found:
                return found
        if name in source.definitions or name in source.bindings:
            return f"{path}#{name}"
        for module in source.star_exports if source.language == "python" else ():
            target = self.find(path, module)
            if target in self.sources and self.offers(str(target), name):
                return self._origin_of_export(str(target), name, steps + 1)
            if target is None and not module.startswith(".") and name not in _BUILT_IN:
                return f"{module}.{name}"
        return f"?{name}"

    def _origin_of_import(self, path: str, imported: ImportedName, steps: int) -> str:
        submodule = self.find_submodule(path, imported.module, imported.name)
        if submodule is not None:
            return f"module:{submodule}"
        target = self.find(path, imported.module)
        if target is not None:
            if imported.name == "*":
                return f"module:{target}"
            return self._origin_of_export(target, imported.name, steps + 1)
        module = imported.module.removeprefix("node:")
        return module if imported.name in ("*", "default") else f"{module}.{imported.name}"

    def origin_of_taken(self, path: str, module: str, name: str) -> str:
        """Where a name comes from that a file takes from a module of the project; what a function of that name
        gives back, where it is one of another file."""
        if name in ("*", "default"):
            return ""
        origin = self._origin_of_import(path, ImportedName(module, name), 0)
        return self._origin_of_return(origin, 0) or origin

    def _origin_of_export(self, target: str, name: str, steps: int) -> str:
        source = self.sources.get(target)
        if source is None or steps > MOST_STEPS:
            return f"{target}#{name}"
        if source.language == "python":
            known = name in source.imported or name in source.bindings or name in source.classes
            submodule = self.find(target, f".{name}") if source.stem == "__init__" and not known else None
            return f"module:{submodule}" if submodule is not None else self._origin_of_name(target, name, steps + 1)
        exported = source.exports.get(name)
        if exported is not None:
            return self.origin(target, exported, steps + 1) or f"{target}#{name}"
        whole = source.exports.get("default")
        if isinstance(whole, (Name, Member, Invoke)):
            before = self.origin(target, whole, steps + 1)
            if before:
                return before if name == "default" else f"{before}.{name}"
        for module in source.star_exports:
            further = self.find(target, module)
            if further in self.sources and self.offers(str(further), name):
                return self._origin_of_export(str(further), name, steps + 1)
        return f"{target}#{name}"

    # What a value can be

    def texts(self, path: str, expression: Expression, steps: int = 0) -> list[GuardedText]:
        """The strings an expression can have, as far as the text tells; the default first. GAP marks unknown pieces."""
        if steps > MOST_STEPS:
            return []
        match expression:
            case Text(value=value):
                return [GuardedText(value, "always")]
            case Join():
                return [GuardedText(self._joined(path, expression, steps + 1), "always")]
            case Choice(options=options):
                found = [text for option in options for text in self.texts(path, option, steps + 1)]
                return [*found[:1], *(GuardedText(text.value, "unclear") for text in found[1:_MOST_TEXTS])]
            case Invoke(of=Member(of=Text(value=between), name="join"), arguments=(Listing(items=items),)):
                return [GuardedText(self._listed(path, items, between, steps + 1), "always")]
            case Invoke(of=Member(of=Listing(items=items), name="join"), arguments=(Text(value=between),)):
                return [GuardedText(self._listed(path, items, between, steps + 1), "always")]
            case Invoke(of=Member(of=of, name=name)) if name in _KEEPS_TEXT:
                return self.texts(path, of, steps + 1)
            case Invoke(of=Name(name=name) | Member(name=name), arguments=(first, *_)) if name in _PASSES_TEXT_ON:
                return self.texts(path, first, steps + 1)
            case Name() | Member():
                return self._texts_of_values(path, expression, steps + 1)
            case _:
                return []

    def _texts_of_values(self, path: str, expression: Name | Member, steps: int) -> list[GuardedText]:
        """Worked out once per name: names that lead in circles would multiply otherwise."""
        key = _key(path, expression)
        if key not in self._known_texts:
            self._kept.append(expression)
            self._known_texts[key] = []
            self._known_texts[key] = self._find_texts(path, expression, steps)
        return self._known_texts[key]

    def _find_texts(self, path: str, expression: Name | Member, steps: int) -> list[GuardedText]:
        return [
            GuardedText(text.value, text.guard if value.guard == "always" else value.guard)
            for where, value in self._values(path, expression, steps)[:_MOST_TEXTS]
            for text in self.texts(where, value.expression, steps + 7)
        ][:_MOST_TEXTS]

    def _listed(self, path: str, items: Sequence[Expression], between: str, steps: int) -> str:
        parts = [part for item in items for part in (item, Text(between))]
        return self._joined(path, Join(tuple(parts[:-1])), steps)

    def _joined(self, path: str, expression: Join, steps: int) -> str:
        pieces: list[str] = []
        pending: list[Expression] = [expression]
        while pending and len(pieces) < 200:
            part = pending.pop()
            if isinstance(part, Join):
                pending.extend(reversed(part.parts))
            elif isinstance(part, Text):
                pieces.append(part.value)
            else:
                known = self.texts(path, part, steps + 8)
                pieces.append(known[0].value if known else GAP)
        return "".join(pieces)

    def records(self, path: str, expression: Expression, steps: int = 0) -> list[tuple[str, Record, Guard]]:
        """The dict or object literals an expression can be, with the file each stands in."""
        if steps > MOST_STEPS:
            return []
        match expression:
            case Record():
                return [(path, expression, "always")]
            case Choice(options=options):
                return [found for option in options for found in self.records(path, option, steps + 1)][:_MOST_TEXTS]
            case Invoke(of=of, arguments=(first, *_)) if self.loads_a_module(path, of, steps + 1):
                return self._records_of_module(path, self.text(path, first, steps + 1), steps + 1)
            case Name() | Member():
                key = _key(path, expression)
                if key not in self._known_records:
                    self._kept.append(expression)
                    self._known_records[key] = []
                    self._known_records[key] = [
                        (where, record, guard if value.guard == "always" else value.guard)
                        for place, value in self._values(path, expression, steps + 1)[:_MOST_TEXTS]
                        for where, record, guard in self.records(place, value.expression, steps + 8)
                    ][:_MOST_TEXTS]
                return self._known_records[key]
            case _:
                return []

    def _records_of_module(self, path: str, module: str, steps: int) -> list[tuple[str, Record, Guard]]:
        """What a required file gives as a whole: the object it exports, or that of a file of JSON."""
        target = self.find(path, module) if module else None
        if target is None:
            return []
        if target in self.sources:
            whole = self.sources[target].exports.get("default")
            return self.records(target, whole, steps) if whole is not None else []
        return [(path, self.project.json_record(target), "always")] if target.endswith(".json") else []

    def _values(self, path: str, expression: Name | Member, steps: int) -> Values:
        """The values given to a name, or to a field of that name anywhere in the program, with their files."""
        if isinstance(expression, Name):
            return self.values_of_name(path, expression.name, steps)
        for where, record, guard in self.records(path, expression.of, steps + 4):
            if expression.name in record.entries:
                return [(where, GuardedExpression(record.entries[expression.name], 0, guard))]
            if expression.name == "[]" and record.entries:
                return [(where, value) for value in _every_entry(record, guard)]
        before = self.origin(path, expression.of, steps + 1)
        if before.startswith("module:"):
            target = before.removeprefix("module:")
            if target in self.sources:
                found = self.values_of_name(target, expression.name, steps + 1)
                if found:
                    return found
        return self.values_anywhere(path, expression.name)

    def values_anywhere(self, path: str, name: str) -> Values:
        """The values given to fields, or returned by functions, of a name; of the same file if there are any."""
        source = self.sources[path]
        given = [*source.attributes.get(name, ())[: 2 * _MOST_TEXTS], *source.returns.get(name, ())[:_MOST_TEXTS]]
        own = [(path, value) for value in given[: 2 * _MOST_TEXTS]]
        return own or self._given_anywhere.get(name, [])[: 2 * _MOST_TEXTS]

    @cached_property
    def _given_anywhere(self) -> dict[str, list[tuple[str, GuardedExpression]]]:
        """The values of `values_anywhere` by name, over all files: looked up often, so gathered once."""
        given: dict[str, list[tuple[str, GuardedExpression]]] = {}
        for path, source in self.sources.items():
            for table in (source.attributes, source.returns):
                for name, values in table.items():
                    kept = given.setdefault(name, [])
                    if len(kept) < 2 * _MOST_TEXTS:
                        kept.extend((path, value) for value in values[: 2 * _MOST_TEXTS])
        return given

    def values_of_name(self, path: str, name: str, steps: int = 0) -> Values:
        """The values given to a name in a file, or where the name was imported from, with their files."""
        for _ in range(MOST_STEPS):
            source = self.sources[path]
            if name in source.bindings:
                return [(path, value) for value in source.bindings[name][:_MOST_TEXTS]]
            exported = source.exports.get(name)
            if exported is not None and exported != Name(name):
                return [(path, GuardedExpression(exported, 0, "always"))]
            imported = source.imported.get(name)
            target = self.find(path, imported.module) if imported is not None else None
            if imported is None or target is None or target not in self.sources or steps > MOST_STEPS:
                return []
            path, name = target, "default" if imported.name == "*" else imported.name
        return []

    def loose_texts(self) -> Iterator[tuple[str, int, str, Guard]]:
        """Every string that production code gives to a name or field, with file, line and condition."""
        for path, source in self.sources.items():
            for values in (*source.bindings.values(), *source.attributes.values()):
                for value in values:
                    for text in self.texts(path, value.expression, MOST_STEPS - 9):
                        guard = value.guard if value.guard != "always" else text.guard
                        yield path, value.line, text.value, guard


def _key(path: str, expression: Name | Member) -> Key:
    """What the values of a name are remembered by; `a.b.c` by its names, anything longer by itself as an object."""
    names: list[str] = []
    one: Expression = expression
    while isinstance(one, Member):
        names.append(one.name)
        one = one.of
    return path, (*names, one.name) if isinstance(one, Name) else (str(id(expression)),)


def _every_entry(record: Record, guard: Guard) -> Iterator[GuardedExpression]:
    """The values of an object of which the text does not tell the key that is taken: the first, or any other."""
    entries = [(key, value) for key, value in record.entries.items() if not speaks_of_tests(key)][:_MOST_TEXTS]
    for number, (_, value) in enumerate(entries):
        yield GuardedExpression(value, 0, "unclear" if number and guard == "always" else guard)
