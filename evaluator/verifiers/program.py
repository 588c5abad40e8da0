"""A backend's production code as one program: what a name stands for across files, who imports whom, what is reached.

A name's **origin** is where it comes from, written as one string: `psycopg2.connect` for a package's name,
`flask_sqlalchemy.SQLAlchemy().Model` for what a call gives, `src/models/user.py#User` for a definition of the project,
`module:src/db.js` for a file as a whole, `?db.query` where the text does not tell what `db` is.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

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
from evaluator.verifiers.javascript_imports import JavaScriptResolver, package_of
from evaluator.verifiers.javascript_source import read_javascript
from evaluator.verifiers.project import Project, Unread, read_project
from evaluator.verifiers.python_imports import PythonResolver
from evaluator.verifiers.python_source import read_python
from evaluator.verifiers.source import Guard, GuardedExpression, ImportedName, ImportStatement, Source
from evaluator.verifiers.words import words

_MOST_STEPS = 30
_MOST_TEXTS = 12
_MOST_SCRIPT = 20_000
_PASSES_TEXT_ON = words(
    "str Path dedent cleandoc String make_url create text SQL sql raw abspath resolve fileURLToPath URL", "literal Sql"
)
_KEEPS_TEXT = words("strip lstrip rstrip format format_map replace trim trimEnd trimStart encode toString lower")


@dataclass(frozen=True, slots=True)
class Edge:
    """One import that leads to a file of the project; `target` is a file, or `folder/` for a package without a file."""

    importer: str
    line: int
    written: str
    target: str


@dataclass(frozen=True, slots=True)
class GuardedText:
    """A string that an expression can have, and when."""

    value: str
    guard: Guard


class Program:
    """All production sources of one backend. Built once, asked by every verifier; all answers are bounded in work."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.project: Project = read_project(files)
        self.sources: dict[str, Source] = {}
        unread: list[Unread] = list(self.project.unread)
        for path in (*self.project.python, *self.project.javascript):
            read = read_python if path in self._python_paths else read_javascript
            self.sources[path], problem = read(path, files[path])
            if problem is not None:
                unread.append(problem)
        self.unread: tuple[Unread, ...] = tuple(unread)
        self._python = PythonResolver(self.project)
        self._javascript = JavaScriptResolver(self.project)
        self._origins: dict[tuple[str, str], str] = {}

    @cached_property
    def _python_paths(self) -> frozenset[str]:
        return frozenset(self.project.python)

    # Imports

    def find(self, importer: str, module: str) -> str | None:
        """The file of the project that a module's name stands for in a file; None for packages and unknown names."""
        if self.sources[importer].language == "python":
            return self._python.find(importer, module)
        return self._javascript.find(importer, module)

    def edges_from(self, path: str) -> tuple[Edge, ...]:
        """The imports of a file that lead into the project. A name taken from a package leads to where it is "
        "defined."""
        return self._edges.get(path, ())

    @cached_property
    def _edges(self) -> dict[str, tuple[Edge, ...]]:
        return {path: tuple(self._edges_of(path, source)) for path, source in self.sources.items()}

    def _edges_of(self, path: str, source: Source) -> Iterator[Edge]:
        seen: set[tuple[int, str]] = set()
        for statement in source.imports:
            for target in self._targets(path, statement):
                if target != path and (statement.line, target) not in seen:
                    seen.add((statement.line, target))
                    yield Edge(path, statement.line, _as_written(statement), target)

    def _targets(self, path: str, statement: ImportStatement) -> Iterator[str]:
        whole = self.find(path, statement.module)
        plain = not statement.names or "*" in statement.names
        if whole is not None and plain:
            yield whole
        for name in statement.names:
            if name == "*":
                continue
            submodule = None
            if self.sources[path].language == "python":
                submodule = self._python.find_name(path, statement.module, name)
            if submodule is not None:
                yield submodule
            elif whole is not None:
                yield self._defining_file(whole, name)

    def _defining_file(self, path: str, name: str) -> str:
        """The file in which a name that a package offers is really defined; other modules stand for themselves."""
        for _ in range(_MOST_STEPS):
            source = self.sources.get(path)
            if source is None or PurePosixPath(path).stem not in ("__init__", "index"):
                return path
            further = self._passed_on(source, name)
            if further is None:
                return path
            path, name = further
        return path

    def _passed_on(self, source: Source, name: str) -> tuple[str, str] | None:
        """Where a file takes a name from that it only passes on; None where it defines the name itself."""
        local = name
        exported = source.exports.get(name)
        if source.language == "javascript" and isinstance(exported, Name):
            local = exported.name
        if local in source.bindings or local in source.classes or local in source.definitions:
            return None
        imported = source.imported.get(local)
        if imported is not None:
            submodule = None
            if source.language == "python" and imported.name != "*":
                submodule = self._python.find_name(source.path, imported.module, imported.name)
            target = submodule or self.find(source.path, imported.module)
            return (target, "*" if submodule else imported.name) if target is not None else None
        for module in source.star_exports:
            target = self.find(source.path, module)
            if target is not None and target in self.sources and self._offers(self.sources[target], name):
                return target, name
        return None

    @staticmethod
    def _offers(source: Source, name: str) -> bool:
        return name in source.exports or name in source.definitions or name in source.imported

    def packages_of(self, path: str) -> Iterator[tuple[str, ImportStatement]]:
        """The imports of a file that lead out of the project, as full module names (`aiohttp.web`, "
        "`@hono/node-server`)."""
        source = self.sources[path]
        for statement in source.imports:
            if statement.module.startswith(".") or self.find(path, statement.module) is not None:
                continue
            if source.language == "javascript":
                yield statement.module.removeprefix("node:"), statement
                continue
            yield statement.module, statement
            for name in statement.names:
                if name != "*":
                    yield f"{statement.module}.{name}", statement

    @cached_property
    def all_packages(self) -> frozenset[str]:
        """The top names of every package imported anywhere in production code."""
        found = set()
        for path, source in self.sources.items():
            for module, _ in self.packages_of(path):
                found.add(module.partition(".")[0] if source.language == "python" else package_of(module))
        return frozenset(found)

    # What is reached

    @cached_property
    def reached(self) -> frozenset[str] | None:
        """The files reached by imports from what run.sh starts; None where the text does not tell."""
        starts = set(self._starts())
        if not starts or "django" in self.all_packages:
            return None
        reached: set[str] = set()
        pending = list(starts)
        while pending:
            path = pending.pop()
            if path in reached or path not in self.sources:
                continue
            reached.add(path)
            if self.sources[path].dynamic:
                return None
            for edge in self.edges_from(path):
                pending.extend(self._below(edge.target) if edge.target.endswith("/") else [edge.target])
            for statement in self.sources[path].imports:
                whole = self.find(path, statement.module)
                if whole is not None:
                    pending.append(whole)
            pending.extend(_packages_around(path))
        serving = any(self._serves(path) for path in reached)
        return frozenset(reached) if serving or not self.serves else None

    def _serves(self, path: str) -> bool:
        return any(
            re.split(r"\.", module)[0] in _WEB_PACKAGES or module in _WEB_PACKAGES
            for module, _ in self.packages_of(path)
        )

    def is_dead(self, path: str) -> bool:
        """Whether a file is certainly never imported by what run.sh starts."""
        return self.reached is not None and path not in self.reached

    def _below(self, folder: str) -> list[str]:
        return [path for path in self.sources if path.startswith(folder)]

    def _starts(self) -> Iterator[str]:
        """The files that run.sh names: as files, as modules, in imports written there, or through a script of npm."""
        script = self.project.text("run.sh")[:_MOST_SCRIPT]
        if re.search(r"\b(npm|yarn|pnpm)\b|\bnode \.(\s|$)", script):
            script += "\n" + "\n".join(_package_scripts(self.project, script))
        if re.search(r"(?<![\w/])(\./)?(dist|build)/", script):
            return
        for word in _script_words(script):
            yield from self._named_in_script(word)

    def _named_in_script(self, word: str) -> Iterator[str]:
        word = word.rpartition("=")[2].removeprefix("./")
        yield from (path for path in self._by_file_name.get(word.rpartition("/")[2], ()) if _ends_with(path, word))
        module = word.partition(":")[0]
        if re.fullmatch(r"[A-Za-z_][\w.]*", module):
            base = module.replace(".", "/")
            for ending in (".py", "/__init__.py", "/__main__.py"):
                name = (base + ending).rpartition("/")[2]
                yield from (path for path in self._by_file_name.get(name, ()) if _ends_with(path, base + ending))

    @cached_property
    def _by_file_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for path in self.sources:
            names.setdefault(PurePosixPath(path).name, []).append(path)
        return names

    # What a name stands for

    def origin(self, path: str, expression: Expression, steps: int = 0) -> str:
        """Where the value of an expression comes from; empty where there is nothing to say. See the top of this "
        "file."""
        if steps > _MOST_STEPS:
            return ""
        match expression:
            case Name(name=name):
                return self._origin_of_name(path, name, steps)
            case Member(of=of, name=name):
                before = self.origin(path, of, steps + 1)
                if before.startswith("module:"):
                    return self._origin_of_export(before.removeprefix("module:"), name, steps + 1)
                return f"{before}.{name}" if before else ""
            case Invoke(of=Name(name="require" | "import"), arguments=(Text(value=module), *_)):
                return self._origin_of_module(path, module)
            case Invoke(of=of):
                before = self.origin(path, of, steps + 1)
                if before.startswith("module:"):
                    before = self._origin_of_export(before.removeprefix("module:"), "default", steps + 1)
                return f"{before}()" if before else ""
            case Choice(options=options):
                return next((found for one in options if (found := self.origin(path, one, steps + 1))), "")
            case _:
                return ""

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
        for bound in source.bindings.get(name, ()):
            found = self.origin(path, bound.expression, steps + 1)
            if found:
                return found
        if name in source.definitions or name in source.bindings:
            return f"{path}#{name}"
        for module in source.star_exports if source.language == "python" else ():
            target = self.find(path, module)
            if target in self.sources and self._offers(self.sources[str(target)], name):
                return self._origin_of_export(str(target), name, steps + 1)
        return f"?{name}"

    def _origin_of_import(self, path: str, imported: ImportedName, steps: int) -> str:
        language = self.sources[path].language
        if language == "python" and imported.name not in ("*", "default"):
            submodule = self._python.find_name(path, imported.module, imported.name)
            if submodule is not None:
                return f"module:{submodule}"
        target = self.find(path, imported.module)
        if target is not None:
            if imported.name == "*":
                return f"module:{target}"
            return self._origin_of_export(target, imported.name, steps + 1)
        module = imported.module.removeprefix("node:")
        return module if imported.name in ("*", "default") else f"{module}.{imported.name}"

    def _origin_of_export(self, target: str, name: str, steps: int) -> str:
        source = self.sources.get(target)
        if source is None or steps > _MOST_STEPS:
            return f"{target}#{name}"
        if source.language == "python":
            submodule = self._python.find(target, f".{name}") if target.endswith("__init__.py") else None
            known = name in source.imported or name in source.bindings or name in source.classes
            if submodule is not None and not known:
                return f"module:{submodule}"
            return self._origin_of_name(target, name, steps + 1)
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
            if further in self.sources and self._offers(self.sources[str(further)], name):
                return self._origin_of_export(str(further), name, steps + 1)
        return f"{target}#{name}"

    # What a value can be

    def texts(self, path: str, expression: Expression, steps: int = 0) -> list[GuardedText]:
        """The strings an expression can have, as far as the text tells; the default first. GAP marks unknown pieces."""
        if steps > _MOST_STEPS:
            return []
        match expression:
            case Text(value=value):
                return [GuardedText(value, "always")]
            case Join():
                return [GuardedText(self._joined(path, expression, steps + 1), "always")]
            case Choice(options=options):
                found = [text for option in options for text in self.texts(path, option, steps + 1)]
                return [*found[:1], *(GuardedText(text.value, "unclear") for text in found[1:_MOST_TEXTS])]
            case Invoke(of=Member(of=of, name=name)) if name in _KEEPS_TEXT:
                return self.texts(path, of, steps + 1)
            case Invoke(of=Name(name=name) | Member(name=name), arguments=(first, *_)) if name in _PASSES_TEXT_ON:
                return self.texts(path, first, steps + 1)
            case Name() | Member():
                values = self._values(path, expression, steps + 1)
                return [
                    GuardedText(text.value, text.guard if value.guard == "always" else value.guard)
                    for where, value in values[:_MOST_TEXTS]
                    for text in self.texts(where, value.expression, steps + 8)
                ][:_MOST_TEXTS]
            case _:
                return []

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
        if steps > _MOST_STEPS:
            return []
        match expression:
            case Record():
                return [(path, expression, "always")]
            case Choice(options=options):
                return [found for option in options for found in self.records(path, option, steps + 1)][:_MOST_TEXTS]
            case Name() | Member():
                return [
                    (where, record, guard if value.guard == "always" else value.guard)
                    for place, value in self._values(path, expression, steps + 1)[:_MOST_TEXTS]
                    for where, record, guard in self.records(place, value.expression, steps + 8)
                ][:_MOST_TEXTS]
            case _:
                return []

    def _values(self, path: str, expression: Name | Member, steps: int) -> list[tuple[str, GuardedExpression]]:
        """The values given to a name, or to a field of that name anywhere in the program, with their files."""
        if isinstance(expression, Name):
            return self.values_of_name(path, expression.name, steps)
        for where, record, guard in self.records(path, expression.of, steps + 4):
            if expression.name in record.entries:
                return [(where, GuardedExpression(record.entries[expression.name], 0, guard))]
        before = self.origin(path, expression.of, steps + 1)
        if before.startswith("module:"):
            target = before.removeprefix("module:")
            if target in self.sources:
                found = self.values_of_name(target, expression.name, steps + 1)
                if found:
                    return found
        return self.values_anywhere(path, expression.name)

    def values_anywhere(self, path: str, name: str) -> list[tuple[str, GuardedExpression]]:
        """The values given to fields, or returned by properties and functions, of a name; of the same file if "
        "there are any."""
        for paths in ((path,), self.sources):
            found = [
                (other, value)
                for other in paths
                for table in (self.sources[other].attributes, self.sources[other].returns)
                for value in table.get(name, ())
            ]
            if found:
                return found[: 2 * _MOST_TEXTS]
        return []

    def values_of_name(self, path: str, name: str, steps: int = 0) -> list[tuple[str, GuardedExpression]]:
        """The values given to a name in a file, or where the name was imported from, with their files."""
        for _ in range(_MOST_STEPS):
            source = self.sources[path]
            if name in source.bindings:
                return [(path, value) for value in source.bindings[name]]
            exported = source.exports.get(name)
            if exported is not None and exported != Name(name):
                return [(path, GuardedExpression(exported, 0, "always"))]
            imported = source.imported.get(name)
            target = self.find(path, imported.module) if imported is not None else None
            if imported is None or target is None or target not in self.sources or steps > _MOST_STEPS:
                return []
            path, name = target, "default" if imported.name == "*" else imported.name
        return []

    def loose_texts(self) -> Iterator[tuple[str, int, str, Guard]]:
        """Every string that production code gives to a name or field, with file, line and condition."""
        for path, source in self.sources.items():
            for values in (*source.bindings.values(), *source.attributes.values()):
                for value in values:
                    for text in self.texts(path, value.expression, _MOST_STEPS - 9):
                        guard = value.guard if value.guard != "always" else text.guard
                        yield path, value.line, text.value, guard

    @cached_property
    def serves(self) -> bool:
        """Whether any production file uses a web framework, so that a whole backend is there to be judged."""
        return bool(self.all_packages & _WEB_PACKAGES)

    def everything(self, expressions: Iterable[Expression]) -> Iterator[Expression]:
        """Expressions and what they are made of, iteratively."""
        pending = list(expressions)
        while pending:
            one = pending.pop()
            yield one
            if isinstance(one, Member):
                pending.append(one.of)
            elif isinstance(one, Invoke):
                pending.extend((one.of, *one.arguments, *one.named.values()))
            elif isinstance(one, Record):
                pending.extend(one.entries.values())
            elif isinstance(one, Listing):
                pending.extend(one.items)
            elif isinstance(one, Join):
                pending.extend(one.parts)
            elif isinstance(one, Choice):
                pending.extend(one.options)


_WEB_PACKAGES = words(
    "flask fastapi starlette django aiohttp quart sanic litestar bottle tornado falcon express fastify",
    "hono koa @koa/router koa-router @hapi/hapi restify polka h3",
)


def _as_written(statement: ImportStatement) -> str:
    names = [name for name in statement.names if name not in ("*", "default")]
    if set(statement.module) == {"."} and names:
        return f"{statement.module}{names[0]}"
    return statement.module


def _packages_around(path: str) -> Iterator[str]:
    parts = path.split("/")[:-1]
    for length in range(1, len(parts) + 1):
        yield "/".join((*parts[:length], "__init__.py"))


def _ends_with(path: str, word: str) -> bool:
    return path == word or path.endswith("/" + word)


def _script_words(script: str) -> list[str]:
    imported = re.findall(r"\b(?:from|import)\s+([\w.]+)", script)
    try:
        return [*shlex.split(script, comments=True), *imported]
    except ValueError:
        return [*script.split(), *imported]


def _package_scripts(project: Project, script: str) -> list[str]:
    """The scripts of package.json that run.sh can mean, and its main file."""
    document = _package_json(project)
    scripts = document.get("scripts")
    main = document.get("main")
    called = set(script.split()) | {"start", "prestart"}
    found = [main if isinstance(main, str) else "index.js"]
    for name, command in scripts.items() if isinstance(scripts, dict) else ():
        if name in called and isinstance(command, str):
            found.append(command)
    return found


def _package_json(project: Project) -> dict[str, object]:
    try:
        document = json.loads(project.text("package.json"))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
