import assert from "node:assert/strict";
import { mock, test } from "node:test";
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

test("what the journal refused is offered again with what follows, and then it is kept", async () => {
  const { released, uploader } = parts();
  const written: number[][] = [];
  let full = true;
  const journal = {
    write: (_client: string, events: LogEvent[]) => {
      written.push(events.map(({ seq }) => seq));
      return full ? Promise.reject(new Error("full")) : Promise.resolve();
    },
  } as unknown as Journal;
  const recorder = new Recorder("page", "client", 0, journal, Object.assign(uploader, { accepted: 1 }), undefined, clocks);
  recorder.record("focus", {}); // 1, which the server has by the time of the next
  recorder.record("blur", {});
  await recorder.written();
  full = false;
  recorder.keepAgain();
  await recorder.written();
  assert.deepEqual(written, [[1, 2], [2]]);
  assert.equal(recorder.journalFailed, false);
  recorder.record("focus", {});
  await recorder.written();
  assert.deepEqual(written.at(-1), [3]);
  assert.deepEqual(released, [2, 3]);
});

test("a journal that hangs keeps nothing from the server for longer than three seconds", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { released, uploader } = parts();
  const journal = { write: () => new Promise<void>(() => undefined) } as unknown as Journal;
  const recorder = new Recorder("page", "client", 0, journal, uploader, undefined, clocks);
  recorder.record("focus", {});
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(released, []);
  mock.timers.tick(3000);
  await recorder.written();
  mock.timers.reset();
  assert.deepEqual(released, [1]);
  assert.equal(recorder.journalFailed, true);
});

test("a deleted file that comes back with a long text becomes entries that fit", () => {
  const { added, uploader } = parts();
  const text = "0123456789 🙂\n".repeat(20_000);
  new Recorder("page", "client", 0, null, uploader, undefined, clocks).recordCreated({ path: "a.py", text });
  assert.deepEqual(added.map(({ kind }) => kind), ["file.created", ...Array.from({ length: 4 }, () => "edit")]);
  let now = "";
  for (const event of added)
    if (event.kind === "file.created") now = event.text;
    else if (event.kind === "edit") now = ChangeSet.fromJSON(event.changes).apply(Text.of(now.split("\n"))).toString();
  assert.equal(now, text);
  assert.ok(added.every((event) => JSON.stringify(event).length < 100_000));
});

test("a change at very many places becomes entries that fit a batch each", () => {
  const doc = Text.of(Array.from({ length: 50_000 }, () => "a b"));
  for (const insert of ["", "🙂\n"]) {
    const changes = ChangeSet.of(Array.from({ length: 50_000 }, (_, line) => ({ from: 4 * line, to: 4 * line + 1, insert })), doc.length);
    const pieces = inParts(changes, 60_000);
    assert.ok(pieces.every((piece) => JSON.stringify(piece.toJSON()).length < 400_000));
    assert.equal(pieces.reduce((now, piece) => ChangeSet.fromJSON(piece.toJSON()).apply(now), doc).toString(), changes.apply(doc).toString());
  }
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
