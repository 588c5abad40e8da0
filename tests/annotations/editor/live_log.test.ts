import assert from "node:assert/strict";
import { test } from "node:test";
import { LogText } from "../../../annotations/editor/src/live_log";

const piece = (log: string, start: number): { run: number; log: string; start: number } => ({ run: 1, log, start });

test("pieces that follow each other are put together, and the new part is told", () => {
  const log = new LogText();
  assert.equal(log.take(piece("one\n", 0)), null);
  assert.equal(log.take(piece("two\n", 4)), 4);
  assert.equal(log.text, "one\ntwo\n");
});

test("a piece that is known already changes nothing", () => {
  const log = new LogText();
  log.take(piece("one\ntwo\n", 0));
  assert.equal(log.take(piece("two\n", 4)), 0);
  assert.equal(log.text, "one\ntwo\n");
});

test("after a gap the log begins anew with the piece, and goes on from there", () => {
  const log = new LogText();
  log.take(piece("one\n", 0));
  assert.equal(log.take(piece("five\n", 40)), null);
  assert.equal(log.text, "five\n");
  assert.equal(log.take(piece("six\n", 45)), 4);
});

test("where the beginning changed, the whole log takes its place", () => {
  const log = new LogText();
  log.take(piece("caf\ufffd", 0));
  assert.equal(log.take(piece("café au lait", 0)), null);
  assert.equal(log.text, "café au lait");
});

test("of a very long log the end is kept, and pieces still fit", () => {
  const log = new LogText();
  log.take(piece("x".repeat(200_000), 0));
  assert.equal(log.text.length, 128 * 1024);
  assert.equal(log.take(piece("end\n", 200_000)), null);
  assert.ok(log.text.endsWith("xend\n"));
});
