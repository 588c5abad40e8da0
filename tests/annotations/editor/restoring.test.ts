import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeSet, type Text } from "@codemirror/state";
import { hunks } from "../../../annotations/editor/src/changed_lines";
import { toDocument } from "../../../annotations/editor/src/files";
import { hunkAt, restoringFile, restoringHunk } from "../../../annotations/editor/src/restoring";

function applied(changes: ChangeSet, doc: Text): string {
  return ChangeSet.fromJSON(JSON.parse(JSON.stringify(changes))).apply(doc).toString();
}

test("one run of lines is restored, the others stay", () => {
  const original = toDocument("a\nb\nc\nd\ne\nf");
  const now = toDocument("a\nB\nBB\nc\ne\nf\ng");
  const at = (line: number): string => applied(restoringHunk(original, now, hunkAt(original, now, line)!), now);
  assert.equal(at(2), "a\nb\nc\ne\nf\ng");
  assert.equal(at(3), "a\nb\nc\ne\nf\ng");
  assert.equal(at(4), "a\nB\nBB\nc\nd\ne\nf\ng", "a deletion is found at the line before");
  assert.equal(at(5), "a\nB\nBB\nc\nd\ne\nf\ng", "and at the line behind it");
  assert.equal(at(7), "a\nB\nBB\nc\ne\nf");
  assert.equal(hunkAt(original, now, 1), undefined);
});

test("whatever was done, the file is restored to the letter; so it is run by run", () => {
  const pieces = ["", "a", "b", "🙂", "\ud83d", "x\ry", "a", "long line"];
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const text = (): string => Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join("\n");
  for (let round = 0; round < 500; round++) {
    const original = toDocument(text());
    let now = toDocument(text());
    assert.equal(applied(restoringFile(original, now), now), original.toString());
    for (let run = 0; run < 30 && !now.eq(original); run++) {
      const all = hunks(original, now);
      const changes = restoringHunk(original, now, all[random(all.length)]!);
      now = toDocument(applied(changes, now));
    }
    assert.equal(now.toString(), original.toString());
  }
});
