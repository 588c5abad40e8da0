"""Writes replay_vectors.json: files, events, what must come out; hashes are computed here, apart from both sides."""

import hashlib
import json
from pathlib import Path


def digest(files: dict[str, str]) -> str:
    whole = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.encode("utf-16-be", "surrogatepass")):
        content = hashlib.sha256(files[path].encode("utf-16-le", "surrogatepass")).digest()
        whole.update(path.encode("utf-16-le") + b"\0\0" + content)
    return whole.hexdigest()


CASES = [
    ("no events", {"a.py": "x = 1\n"}, [], {"a.py": "x = 1\n"}),
    ("an empty set of files", {}, [], {}),
    (
        "typing at the end",
        {"a": "ab"},
        [{"kind": "edit", "path": "a", "changes": [2, [0, "c"]], "user": "input.type"}],
        {"a": "abc"},
    ),
    (
        "a line break is two strings",
        {"a": "ab"},
        [{"kind": "edit", "path": "a", "changes": [1, [0, "", ""], 1], "user": "input"}],
        {"a": "a\nb"},
    ),
    (
        "positions count UTF-16 units",
        {"a": "🙂x"},
        [{"kind": "edit", "path": "a", "changes": [2, [1, "y"]], "user": "input.type"}],
        {"a": "🙂y"},
    ),
    (
        "several places at once",
        {"a": "one two"},
        [{"kind": "edit", "path": "a", "changes": [[3, "1"], 1, [3, "2"]], "user": "input"}],
        {"a": "1 2"},
    ),
    (
        "a stray CR is a character",
        {"a": "a\rb\n"},
        [{"kind": "edit", "path": "a", "changes": [2, [1, "c"], 1], "user": "input"}],
        {"a": "a\rc\n"},
    ),
    (
        "create, edit, rename, delete",
        {"a": "1", "b": "2"},
        [
            {"kind": "file.created", "path": "c/d.py", "text": ""},
            {"kind": "edit", "path": "c/d.py", "changes": [[0, "x", "y"]], "user": "input.paste"},
            {"kind": "file.renamed", "path": "c/d.py", "to": "e.py"},
            {"kind": "file.deleted", "path": "a"},
        ],
        {"b": "2", "e.py": "x\ny"},
    ),
    (
        "paths are ordered by UTF-16 units",
        {"\uff5e": "1", "\U0001f642": "2", "Z": "3", "a": "4"},
        [],
        {"\uff5e": "1", "\U0001f642": "2", "Z": "3", "a": "4"},
    ),
    (
        "looking changes nothing",
        {"a": "1"},
        [{"kind": "file.opened", "path": "a"}, {"kind": "selected", "path": "a", "head": 1}],
        {"a": "1"},
    ),
]

BROKEN = [
    (
        "an edit longer than its document",
        {"a": "ab"},
        [{"kind": "edit", "path": "a", "changes": [5, [0, "c"]], "user": ""}],
    ),
    ("an edit of a file that is not there", {"a": "ab"}, [{"kind": "edit", "path": "b", "changes": [2], "user": ""}]),
    ("a second file of one name", {"a": "ab"}, [{"kind": "file.created", "path": "a", "text": ""}]),
    ("a rename onto a file", {"a": "1", "b": "2"}, [{"kind": "file.renamed", "path": "a", "to": "b"}]),
    ("deleting twice", {"a": "1"}, [{"kind": "file.deleted", "path": "a"}, {"kind": "file.deleted", "path": "a"}]),
]


def numbered(events: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"seq": n, "at": n, "mono": n, "page": "p", **event} for n, event in enumerate(events, 1)]


if __name__ == "__main__":
    vectors = {
        "replay": [
            {"name": name, "files": files, "events": numbered(events), "then": then, "digest": digest(then)}
            for name, files, events, then in CASES
        ],
        "broken": [{"name": name, "files": files, "events": numbered(events)} for name, files, events in BROKEN],
    }
    Path(__file__).with_name("replay_vectors.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=True) + "\n")
