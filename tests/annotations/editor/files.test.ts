import assert from "node:assert/strict";
import { test } from "node:test";
import { digest } from "../../../annotations/editor/src/digest";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { BrokenLog, Files, type StateFile } from "../../../annotations/editor/src/files";
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
  for (const path of ["app/a.py", "app", "app/a.py/b", "/x", "a//b", "a/../b", "a\\b", "x".repeat(241), "é".repeat(128)]) assert.notEqual(files.refuses(path), null, path);
  assert.equal(files.refuses("app/b.py"), null);
});
