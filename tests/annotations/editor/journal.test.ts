import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { Journal } from "../../../annotations/editor/src/journal";

const focus = (seq: number): LogEvent => ({ seq, at: 1, mono: 1, page: "p", kind: "focus" });
const seqs = async (journal: Journal, client: string): Promise<number[]> => ((await journal.unconfirmed()).get(client) ?? []).map(({ seq }) => seq);

test("what was written is there for the next page load, in order", async () => {
  const first = await Journal.open(1);
  await first.write("one", [focus(2), focus(1)]);
  await first.write("one", [focus(10), focus(9)]);
  first.close();
  const second = await Journal.open(1);
  assert.deepEqual(await seqs(second, "one"), [1, 2, 9, 10]);
});

test("sessions and page loads do not mix", async () => {
  const journal = await Journal.open(2);
  const other = await Journal.open(3);
  await journal.write("a", [focus(1)]);
  await journal.write("b", [focus(1)]);
  assert.deepEqual([...(await journal.unconfirmed()).keys()], ["a", "b"]);
  assert.equal((await other.unconfirmed()).size, 0);
});

test("what the server confirmed is forgotten, no more", async () => {
  const journal = await Journal.open(4);
  await journal.write("a", [focus(1), focus(2), focus(3)]);
  await journal.write("b", [focus(1)]);
  await journal.confirm("a", 2);
  assert.deepEqual(await seqs(journal, "a"), [3]);
  assert.deepEqual(await seqs(journal, "b"), [1]);
});

test("entries are adopted by the next page load", async () => {
  const journal = await Journal.open(5);
  await journal.write("old", [focus(4), focus(5), focus(6)]);
  await journal.adopt("old", "new", [focus(5), focus(6)]);
  assert.deepEqual(await seqs(journal, "old"), []);
  assert.deepEqual(await seqs(journal, "new"), [5, 6]);
});

test("stranded entries are kept until forgotten", async () => {
  const journal = await Journal.open(6);
  await journal.write("old", [focus(4)]);
  await journal.strand("old", [focus(4)]);
  assert.equal((await journal.unconfirmed()).size, 0);
  assert.deepEqual((await journal.stranded()).map(({ client, events }) => [client, events.length]), [["old", 1]]);
  await journal.forgetStranded();
  assert.deepEqual(await journal.stranded(), []);
});

test("what was set aside counts as recorded from the entry on that says so, not before", async () => {
  const journal = await Journal.open(7);
  await journal.strand("old", [focus(4), focus(5)]);
  await journal.write("new", [focus(6)]);
  assert.equal((await journal.stranded())[0]!.recorded, undefined);
  await journal.write("new", [{ seq: 7, at: 1, mono: 1, page: "p", kind: "stranded", entries: 2 }]);
  assert.equal((await journal.stranded())[0]!.recorded, "p 7");
  assert.deepEqual(await seqs(journal, "new"), [6, 7]);
});

test("where the entry that says so is set aside itself, it is said again", async () => {
  const journal = await Journal.open(8);
  const saying: LogEvent = { seq: 7, at: 1, mono: 1, page: "p", kind: "stranded", entries: 1 };
  await journal.strand("old", [focus(4)]);
  await journal.write("new", [saying]);
  await journal.strand("new", [saying]);
  assert.deepEqual((await journal.stranded()).map(({ recorded, events }) => [recorded ?? "", events.length]), [["", 1], ["", 1]]);
});
