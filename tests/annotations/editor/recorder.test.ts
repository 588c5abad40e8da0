import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { inParts, Recorder } from "../../../annotations/editor/src/recorder";
import type { Journal } from "../../../annotations/editor/src/journal";
import type { Uploader } from "../../../annotations/editor/src/uploader";

function parts(): { added: LogEvent[]; released: number[]; uploader: Uploader } {
  const added: LogEvent[] = [];
  const released: number[] = [];
  return { added, released, uploader: { add: (event: LogEvent) => added.push(event), release: (through: number) => released.push(through) } as unknown as Uploader };
}

const clocks = { now: () => 1760000000000.7, mono: () => 12.3 };

test("entries are numbered on without a gap, with whole milliseconds", () => {
  const { added, uploader } = parts();
  const recorder = new Recorder("page", "client", 181, null, uploader, undefined, clocks);
  recorder.record("focus", {});
  recorder.record("selected", { path: "a", head: 3 });
  assert.deepEqual(added, [
    { seq: 182, at: 1760000000001, mono: 12, page: "page", kind: "focus" },
    { seq: 183, at: 1760000000001, mono: 12, page: "page", kind: "selected", path: "a", head: 3 },
  ]);
});

test("nothing is released to the network before the journal has it", async () => {
  const { released, uploader } = parts();
  let finish = (): void => undefined;
  const journal = { write: () => new Promise<void>((done) => (finish = done)) } as unknown as Journal;
  const recorder = new Recorder("page", "client", 0, journal, uploader, undefined, clocks);
  recorder.record("focus", {});
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(released, []);
  finish();
  await recorder.written();
  assert.deepEqual(released, [1]);
});

test("a journal that fails does not stop the work, and is said", async () => {
  const { released, uploader } = parts();
  const journal = { write: () => Promise.reject(new Error("full")) } as unknown as Journal;
  const recorder = new Recorder("page", "client", 0, journal, uploader, undefined, clocks);
  recorder.record("focus", {});
  await recorder.written();
  assert.deepEqual(released, [1]);
  assert.equal(recorder.journalFailed, true);
});

test("after the end nothing is recorded", () => {
  const { added, uploader } = parts();
  const recorder = new Recorder("page", "client", 0, null, uploader, undefined, clocks);
  recorder.end();
  assert.equal(recorder.record("focus", {}), false);
  assert.equal(added.length, 0);
});

test("a long insertion is taken apart and comes to the same text, never through half a character", () => {
  const doc = Text.of(["start", "middle", "end"]);
  const long = Text.of(("🙂".repeat(7) + "\nline").split("\n"));
  const changes = ChangeSet.of([{ from: 1, to: 3, insert: long }, { from: 8, insert: long }, { from: 10, to: 12 }], doc.length);
  const pieces = inParts(changes, 5);
  assert.ok(pieces.length > 6);
  let now = doc;
  for (const piece of pieces) {
    piece.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => assert.ok(inserted.length <= 5 && inserted.toString().isWellFormed()));
    now = ChangeSet.fromJSON(piece.toJSON()).apply(now);
  }
  assert.equal(now.toString(), changes.apply(doc).toString());
});
