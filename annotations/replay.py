"""Replay of the event log: which files a session holds after the events so far.

The story is `replay`; `Workspace` is the same one event at a time. The format of events, the document rule and the
hash are in docs/workspace-protocol.md. An event that does not fit is a broken log: never guessed at, never half
applied. Pure: no Django, no I/O.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from annotations.change_sets import ChangeDoesNotFit, apply_changes
from annotations.documents import Document, LineSeparator, document_from_utf16, open_document

Event = Mapping[str, Any]
Files = dict[str, bytes]

LONGEST_PATH = 240  # UTF-16 code units
LONGEST_NAME = 255  # bytes of one component in UTF-8: the limit of Linux file systems
LARGEST_DOCUMENT = 2_000_000  # UTF-16 code units, the browser's `text.length`; 2 MB of ASCII
MOST_FILES = 5_000

EVENTS_THAT_LEAVE_FILES_ALONE = frozenset(
    [
        *("opened", "file.opened", "file.closed", "selected", "scrolled", "focus", "blur", "visible", "hidden"),
        *("searched", "check.opened", "finding.opened", "diff.opened", "checks.requested", "run.seen", "run.stopped"),
        *("some.requested", "cause.labelled", "check.disputed", "contract.opened", "request.sent"),
        *("replaced", "restored", "split", "definition.opened", "references.opened"),
        *("paused", "resumed", "still_working", "hash"),
        *("suggestion.shown", "suggestion.taken", "took_over", "stranded", "clock.jumped", "edit.refused"),
    ]
)


class BrokenLog(Exception):
    """The log says something that cannot be true of these files; `sentence` says what, `seq` where (0: unnumbered)."""

    def __init__(self, seq: int, sentence: str) -> None:
        super().__init__(f"Event {seq}: {sentence}")
        self.seq = seq
        self.sentence = sentence


def replay(files: Mapping[str, bytes], events: Iterable[Event]) -> Files:
    """The files after `events`, path → bytes; a file no event touched keeps its bytes.

    `files` are those the session began with. Raises BrokenLog at the first event that does not fit.
    """
    workspace = Workspace(files)
    for event in events:
        workspace.apply(event)
    return workspace.files()


def digest(files: Mapping[str, bytes]) -> str:
    """Hash of all files as the browser computes it over files it has just opened: 64 hexadecimal digits."""
    return Workspace(files).digest()


def hash_mismatches(files: Mapping[str, bytes], events: Iterable[Event]) -> list[int]:
    """Sequence numbers of the `hash` events whose digest is not that of the replayed files. Raises BrokenLog."""
    workspace = Workspace(files)
    mismatches = []
    for event in events:
        workspace.apply(event)
        if event["kind"] == "hash" and event.get("digest") != workspace.digest():
            mismatches.append(workspace.seq)
    return mismatches


class Workspace:
    """The files of one session while its log is replayed, one event after the other.

    `seq` is the number of the last event applied, 0 before the first. An event that raises leaves everything as it
    was. To carry on where a page left off, hand the browser `documents()`, not reopened `files()`: a text into which
    somebody typed carriage returns or half an emoji would open differently.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.seq = 0
        self._initial = dict(files)
        self._files = {path: _File.stored(content) for path, content in files.items()}
        self._folders = Counter(folder for path in files for folder in _folders(path))

    def apply(self, event: Event) -> None:
        """Take in one event. Raises BrokenLog where it does not fit the files or does not follow the last one."""
        seq = event.get("seq")
        if type(seq) is not int or seq < 1:
            raise BrokenLog(0, f"the sequence number is {seq!r:.40}, not a positive whole number.")
        if self.seq and seq != self.seq + 1:
            raise BrokenLog(seq, f"follows event {self.seq}: the numbering has a gap or goes back.")
        try:
            self._act(event)
        except (_Misfit, ChangeDoesNotFit) as misfit:
            raise BrokenLog(seq, str(misfit)) from None
        self.seq = seq

    def files(self) -> Files:
        """Path → bytes of every file now."""
        return {path: file.to_bytes() for path, file in self._files.items()}

    def has(self, path: str) -> bool:
        """Whether there is a file of this name now."""
        return path in self._files

    def document(self, path: str) -> Document | None:
        """The document of one file now; None where it is not text. Raises KeyError where there is no such file."""
        return self._files[path].document()

    def documents(self) -> dict[str, Document | None]:
        """Path → the document the editor holds now; None for a file that is not text."""
        return {path: file.document() for path, file in self._files.items()}

    def changed_paths(self) -> list[str]:
        """Paths that were created, deleted or hold other bytes than at the start, in the order of the hash."""
        untouched = {path for path, file in self._files.items() if file.to_bytes() == self._initial.get(path)}
        return sorted((self._initial.keys() | self._files.keys()) - untouched, key=_code_units)

    def digest(self) -> str:
        """Hash of all files now, as docs/workspace-protocol.md, "Hash of the files", has it: 64 hexadecimal digits."""
        whole = hashlib.sha256()
        for path in sorted(self._files, key=_code_units):
            whole.update(path.encode("utf-16-le", "surrogatepass") + b"\0\0" + self._files[path].content_hash())
        return whole.hexdigest()

    # What each kind of event does to the files: everything is checked before anything is changed.

    def _act(self, event: Event) -> None:
        kind = event.get("kind")
        if not isinstance(kind, str):
            raise _Misfit("the kind of the event is not a string.")
        if action := _ACTIONS.get(kind):
            action(self, event)
        elif kind not in EVENTS_THAT_LEAVE_FILES_ALONE:
            raise _Misfit(f"{kind[:60]!r} is not a kind of event.")

    def _edit(self, event: Event) -> None:
        path = self._known(event, "path")
        self._files[path].edit(path, event.get("changes"))

    def _create(self, event: Event) -> None:
        path = self._free(event, "path")
        text = event.get("text")
        if not isinstance(text, str):
            raise _Misfit("the text of the new file is not a string.")
        separator = event.get("line_separator", "\n")
        if separator not in ("\n", "\r\n"):
            raise _Misfit("the lines of the new file end in neither LF nor CRLF.")
        file = _File.written(text, separator)
        if file.length > LARGEST_DOCUMENT:
            raise _Misfit(f"{path} would be larger than {LARGEST_DOCUMENT:,} characters.")
        if len(self._files) >= MOST_FILES:
            raise _Misfit(f"there would be more than {MOST_FILES:,} files.")
        self._put(path, file)

    def _rename(self, event: Event) -> None:
        path = self._known(event, "path")
        if event.get("to") == path:
            raise _Misfit(f"{path} already has that name.")
        file = self._take(path)
        try:
            to = self._free(event, "to")
        except _Misfit:
            self._put(path, file)
            raise
        self._put(to, file)

    def _delete(self, event: Event) -> None:
        self._take(self._known(event, "path"))

    def _known(self, event: Event, key: str) -> str:
        path = event.get(key)
        if not isinstance(path, str) or path not in self._files:
            raise _Misfit(f"there is no file {path!r:.260}.")
        return path

    def _free(self, event: Event, key: str) -> str:
        path = event.get(key)
        if not isinstance(path, str):
            raise _Misfit("the path is not a string.")
        if reason := bad_path(path):
            raise _Misfit(reason)
        if path in self._files or path in self._folders:
            raise _Misfit(f"{path} already exists.")
        if (file := next((folder for folder in _folders(path) if folder in self._files), None)) is not None:
            raise _Misfit(f"{path} cannot lie in {file}, which is a file.")
        return path

    def _put(self, path: str, file: _File) -> None:
        self._files[path] = file
        self._folders.update(_folders(path))

    def _take(self, path: str) -> _File:
        for folder in _folders(path):
            self._folders[folder] -= 1
            if not self._folders[folder]:
                del self._folders[folder]
        return self._files.pop(path)


def bad_path(path: str) -> str:
    """Why `path` cannot be the path of a file, as a sentence; empty where it can."""
    try:
        names = [name.encode() for name in path.split("/")]
    except UnicodeEncodeError:
        return f"the path {path!r:.260} holds half a character."
    if "\0" in path or "\\" in path:
        return f"the path {path!r:.260} holds a NUL or a backslash."
    if len(path.encode("utf-16-le")) > 2 * LONGEST_PATH:
        return f"a path is longer than {LONGEST_PATH} characters."
    if path.startswith("/"):
        return f"the path {path!r} is absolute."
    if any(name in (b"", b".", b"..") for name in names):
        return f"the path {path!r} has an empty component or one that is “.” or “..”."
    if any(len(name) > LONGEST_NAME for name in names):
        return f"a name in the path {path!r} is longer than {LONGEST_NAME} bytes."
    return ""


class _Misfit(Exception):
    """A sentence that `Workspace.apply` turns into BrokenLog."""


class _File:
    """One file: the bytes it came with until somebody edits it, from then on UTF-16LE that changes are spliced into."""

    __slots__ = ("_hash", "_line_separator", "_stored", "_utf16")

    def __init__(self, stored: bytes | None, utf16: bytearray | None, line_separator: LineSeparator) -> None:
        self._stored = stored
        self._utf16 = utf16
        self._line_separator: LineSeparator = line_separator
        self._hash: bytes | None = None

    @classmethod
    def stored(cls, content: bytes) -> _File:
        return cls(content, None, "\n")

    @classmethod
    def written(cls, text: str, line_separator: LineSeparator) -> _File:
        return cls(None, bytearray(text.encode("utf-16-le", "surrogatepass")), line_separator)

    @property
    def length(self) -> int:
        """Code units of a file that was edited or created."""
        return len(self._utf16 or b"") // 2

    def edit(self, path: str, changes: object) -> None:
        if self._utf16 is not None:
            apply_changes(self._utf16, changes, longest=LARGEST_DOCUMENT)
        else:
            document = self.document()
            if document is None:
                raise _Misfit(f"{path} is not text and cannot be edited.")
            utf16 = bytearray(document.utf16)
            apply_changes(utf16, changes, longest=LARGEST_DOCUMENT)
            self._stored, self._utf16, self._line_separator = None, utf16, document.line_separator
        self._hash = None

    def document(self) -> Document | None:
        if self._utf16 is not None:
            return document_from_utf16(self._utf16, self._line_separator)
        return open_document(self._stored or b"")

    def to_bytes(self) -> bytes:
        if self._stored is not None:
            return self._stored
        return document_from_utf16(self._utf16 or b"", self._line_separator).to_bytes()

    def content_hash(self) -> bytes:
        """SHA-256, 32 raw bytes, of the document as UTF-16LE, or of the bytes of a file that is not text."""
        if self._hash is None:
            document = None if self._utf16 is not None else self.document()
            content = self._utf16 if self._utf16 is not None else document.utf16 if document else self._stored or b""
            self._hash = hashlib.sha256(content).digest()
        return self._hash


_ACTIONS: dict[str, Callable[[Workspace, Event], None]] = {
    "edit": Workspace._edit,
    "file.created": Workspace._create,
    "file.renamed": Workspace._rename,
    "file.deleted": Workspace._delete,
}


def _folders(path: str) -> list[str]:
    """The folders a path lies in, outermost first: `a/b/c.py` → `a`, `a/b`."""
    return [path[:i] for i, character in enumerate(path) if character == "/"]


def _code_units(path: str) -> bytes:
    """A sort key: big-endian bytes compare as UTF-16 code units do."""
    return path.encode("utf-16-be", "surrogatepass")
