"""What the TypeScript language service says of names, over the language server protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from tests.symbols.asked import SCRIPTS, Place, Said

SERVER = Path(__file__).parents[2] / "annotations/editor/node_modules/typescript/bin/tsc"

PROJECT = {
    "compilerOptions": {"allowJs": True, "module": "nodenext", "target": "esnext", "maxNodeModuleJsDepth": 0},
    "typeAcquisition": {"enable": False},
    "exclude": ["node_modules"],
}


class TypeScript:
    """The TypeScript language service over the files in `root`; its end is the end of the block."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self._root = root
        self._files = {path: text for path, text in files.items() if path.endswith(SCRIPTS)}
        self._asked = 0

    def __enter__(self) -> Self:
        node = shutil.which("node")
        assert node is not None, "Node.js is needed"
        if not (self._root / "tsconfig.json").is_file():
            (self._root / "jsconfig.json").write_text(json.dumps(PROJECT))
        # Without a PATH it finds no npm: it would fetch types of packages by itself.
        self._server = subprocess.Popen(
            [node, str(SERVER), "--lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._root,
            env={"PATH": ""},
        )
        self._ask("initialize", {"processId": None, "rootUri": self._root.as_uri(), "capabilities": {}})
        self._tell("initialized", {})
        for path, text in self._files.items():
            language = "typescript" if path.endswith("ts") else "javascript"
            document = {"uri": self._uri(path), "languageId": language, "version": 1, "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.kill()
        self._server.communicate()

    def definitions(self, place: Place) -> Said:
        """Where the name at a place is defined."""
        return self._places("textDocument/definition", place, {})

    def references(self, place: Place) -> Said:
        """Where the name at a place is used in the project, its definition included."""
        return self._places("textDocument/references", place, {"context": {"includeDeclaration": True}})

    def _places(self, method: str, place: Place, more: dict[str, Any]) -> Said:
        position = {"line": place.line - 1, "character": place.column}
        started = time.perf_counter()
        answer = self._ask(method, {"textDocument": {"uri": self._uri(place.path)}, "position": position, **more})
        seconds = time.perf_counter() - started
        found = [self._place(one) for one in ([answer] if isinstance(answer, dict) else answer or [])]
        return Said(frozenset(one for one in found if one), library=None in found, seconds=seconds)

    def _place(self, location: dict[str, Any]) -> Place | None:
        """None for a place outside the project."""
        uri = location.get("uri") or location["targetUri"]
        start = (location.get("range") or location["targetSelectionRange"])["start"]
        file = Path(unquote(urlsplit(uri).path))
        path = file.relative_to(self._root).as_posix() if file.is_relative_to(self._root) else ""
        return Place(path, start["line"] + 1, start["character"]) if path in self._files else None

    def _uri(self, path: str) -> str:
        return (self._root / path).as_uri()

    def _ask(self, method: str, parameters: dict[str, Any]) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": parameters})
        while True:
            message = self._received()
            if "method" in message and "id" in message:  # the server asks something itself
                self._send({"id": message["id"], "result": None})
            elif message.get("id") == self._asked:
                return message.get("result")

    def _tell(self, method: str, parameters: dict[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _received(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        length = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            raise RuntimeError("The TypeScript language service ended.")
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message
