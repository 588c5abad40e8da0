import assert from "node:assert/strict";
import { test } from "node:test";
import { digest } from "../../../annotations/editor/src/digest";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { BrokenLog, Files, type StateFile } from "../../../annotations/editor/src/files";
import { folderMoves, inOrder, refusal } from "../../../annotations/editor/src/paths";
import vectors from "./replay_vectors.json";

const sent = (files: Record<string, string | undefined>): StateFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text: text!, line_separator: "\n", generated: true, changed: false }));

for (const vector of vectors.replay)
  test(`replay: ${vector.name}`, () => {
    const files = new Files(sent(vector.files as Record<string, string | undefined>));
    for (const event of vector.events) files.apply(event as unknown as LogEvent);
    assert.deepEqual(Object.fromEntries(files.paths().map((path) => [path, files.get(path)!.doc!.toString()])), vector.then);
    assert.equal(digest(files), vector.digest);
  });

for (const vector of vectors.broken)
  test(`replay refuses ${vector.name}`, () => {
    const files = new Files(sent(vector.files as Record<string, string | undefined>));
    assert.throws(() => vector.events.forEach((event) => files.apply(event as unknown as LogEvent)), BrokenLog);
  });

test("a file that is not text counts by the hash the server sent", () => {
  const files = new Files([{ path: "logo.png", text: null, content_sha256: "ab".repeat(32), size: 3 }]);
  assert.match(digest(files), /^[0-9a-f]{64}$/);
  assert.throws(() => files.apply({ seq: 1, at: 1, mono: 1, page: "p", kind: "edit", path: "logo.png", changes: [3], user: "" }), BrokenLog);
});

test("a file typed back to what it was is not changed", () => {
  const files = new Files(sent({ a: "one" }));
  const edit = (changes: unknown): void => files.apply({ seq: 1, at: 1, mono: 1, page: "p", kind: "edit", path: "a", changes, user: "" } as LogEvent);
  edit([3, [0, "x"]]);
  assert.equal(files.isChanged("a"), true);
  edit([3, [1]]);
  assert.equal(files.isChanged("a"), false);
});

test("a changed file is compared with the original the server sends", () => {
  const files = new Files([{ path: "a", text: "two", original: "one", changed: true, generated: true }]);
  assert.equal(files.isChanged("a"), true);
  assert.equal(files.get("a")!.original!.toString(), "one");
});

test("paths that the server would refuse are refused before they are recorded", () => {
  const files = new Files(sent({ "app/a.py": "1" }));
  for (const path of ["app/a.py", "app", "app/a.py/b", "/x", "a//b", "a/../b", "a\\b", "x".repeat(241), "é".repeat(128)]) assert.notEqual(refusal(path, files.paths()), null, path);
  assert.equal(refusal("app/b.py", files.paths()), null);
});

test("a folder moves file by file, each into a free place", () => {
  assert.deepEqual(folderMoves(["a/x.py", "a/b/y.py", "c.py"], "a", "d"), [{ path: "a/x.py", to: "d/x.py" }, { path: "a/b/y.py", to: "d/b/y.py" }]);
  // Into itself: a/b is a file until it has moved to a/b/b.
  assert.deepEqual(folderMoves(["a/c", "a/b"], "a", "a/b"), [{ path: "a/b", to: "a/b/b" }, { path: "a/c", to: "a/b/c" }]);
  assert.deepEqual(folderMoves(["a/c"], "a", "a/b"), [{ path: "a/c", to: "a/b/c" }]);
  assert.match(folderMoves(["a/x.py", "b/x.py"], "a", "b") as string, /b\/x.py: There is already a file/);
  assert.deepEqual(folderMoves(["a/x.py"], "a", ""), [{ path: "a/x.py", to: "x.py" }]);
});

test("moves that block one another are put into an order that works", () => {
  assert.deepEqual(inOrder(["a", "b"], [{ path: "a", to: "b" }, { path: "b", to: "c" }]), [{ path: "b", to: "c" }, { path: "a", to: "b" }]);
});

test("a file that comes back to the path it was generated under is compared with what was generated", () => {
  const files = new Files(sent({ "app/a.py": "one" }));
  const say = (event: object): void => files.apply({ seq: 1, at: 1, mono: 1, page: "p", ...event } as LogEvent);
  say({ kind: "file.renamed", path: "app/a.py", to: "b.py" });
  assert.deepEqual(files.changedPaths(), ["app/a.py", "b.py"]);
  assert.equal(files.whereIs("app/a.py"), "b.py");
  say({ kind: "file.renamed", path: "b.py", to: "app/a.py" });
  assert.deepEqual(files.changedPaths(), []);
  say({ kind: "file.deleted", path: "app/a.py" });
  say({ kind: "file.created", path: "app/a.py", text: "one", line_separator: "\r\n" });
  assert.deepEqual(files.changedPaths(), ["app/a.py"], "other line ends are other bytes");
});
