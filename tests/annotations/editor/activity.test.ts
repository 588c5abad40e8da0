import assert from "node:assert/strict";
import { test } from "node:test";
import { Text } from "@codemirror/state";
import { Activity, clock } from "../../../annotations/editor/src/activity";
import { changedLines } from "../../../annotations/editor/src/changed_lines";
import { follows } from "../../../annotations/editor/src/taking_up";

test("gaps count up to the idle limit, longer ones not at all", () => {
  const activity = new Activity(100, 120);
  activity.note({ kind: "opened", mono: 0 });
  activity.note({ kind: "selected", mono: 30_000 });
  activity.note({ kind: "edit", mono: 40_000 });
  activity.note({ kind: "edit", mono: 240_000 });
  assert.deepEqual(activity.seconds, { editing: 10, reading: 30, waiting: 0 });
  assert.equal(activity.total(245_000), 145);
});

test("a page that is opened again knows of no pause", () => {
  const activity = new Activity(0, 120);
  activity.note({ kind: "paused", mono: 0 });
  activity.note({ kind: "opened", mono: 10_000 });
  assert.equal(activity.doing(11_000), "reading");
  assert.equal(activity.total(30_000), 20);
});

test("paused and hidden time does not count; a yes buys the limit", () => {
  const activity = new Activity(0, 120);
  activity.note({ kind: "paused", mono: 0 });
  activity.note({ kind: "resumed", mono: 60_000 });
  activity.note({ kind: "hidden", mono: 61_000 });
  activity.note({ kind: "visible", mono: 90_000 });
  activity.note({ kind: "still_working", mono: 400_000, answer: "yes" });
  assert.equal(activity.total(400_000), 1 + 120);
});

test("times read like a clock", () => {
  assert.deepEqual([0, 59.9, 61, 3723].map(clock), ["0:00", "0:59", "1:01", "1:02:03"]);
});

test("changed, new and gone lines", () => {
  const lines = (before: string, after: string): string =>
    changedLines(Text.of(before.split("\n")), Text.of(after.split("\n"))).map(({ line, is }) => `${line} ${is}`).join(", ");
  assert.equal(lines("a\nb\nc", "a\nb\nc"), "");
  assert.equal(lines("a\nb\nc", "a\nB\nc"), "2 changed");
  assert.equal(lines("a\nb\nc", "a\nb\nx\ny\nc"), "3 new, 4 new");
  assert.equal(lines("a\nb\nc\nd", "a\nd"), "2 gone");
  assert.equal(lines("a\nb\nc\nd\ne", "a\nX\nc\nd2\nnew\ne"), "2 changed, 4 changed, 5 new");
});

test("kept entries must follow what the server has", () => {
  const focus = (seq: number) => ({ seq, at: 1, mono: 1, page: "p", kind: "focus" as const });
  assert.equal(follows([focus(5), focus(6)], 4), true);
  assert.equal(follows([focus(6)], 4), false);
  assert.equal(follows([], 4), true);
});
