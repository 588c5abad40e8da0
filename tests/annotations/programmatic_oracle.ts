// Random changes by program, made by the page's own code: prints cases {before, after, changes[]} as JSON, one a line.
// Arguments: <cases> <seed>
import { ChangeSet, Text } from "@codemirror/state";
import { hunks } from "../../annotations/editor/src/changed_lines";
import { find, type Query } from "../../annotations/editor/src/find";
import { inParts } from "../../annotations/editor/src/recorder";
import { restoringFile, restoringHunk } from "../../annotations/editor/src/restoring";

let state = Number(process.argv[3]);
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pieces = ["a", "ab", "\n", "é", "😀", "\ud83d", "\ude00", "\r", "word ", "x\ny\n", "\u2028", "漢字", "$1"];
const some = (most: number): string => Array.from({ length: random(most) }, () => pieces[random(pieces.length)]).join("");
const toText = (text: string): Text => Text.of(text.split("\n"));

function replacing(doc: Text): ChangeSet {
  const query: Query = { text: ["a", "\\w", "^", "[^a]", "(.)a", "\\n"][random(6)]!, matchCase: random(2) === 0, wholeWord: random(3) === 0, pattern: true };
  const found = find(query, some(4).replaceAll("\r", ""), [["a", doc.toString()]], 1000);
  if (typeof found === "string") throw new Error(found);
  const hits = found.files.flatMap((file) => file.hits);
  return ChangeSet.of(hits.map(({ from, to, insert }) => ({ from, to, insert: toText(insert!) })), doc.length);
}

for (let number = 0; number < Number(process.argv[2]); number++) {
  const before = some(24);
  const original = toText(some(24));
  let doc = toText(before);
  const changes: unknown[] = [];
  for (let step = 0; step < 4; step++) {
    const runs = hunks(original, doc);
    const kind = random(3);
    const whole = kind === 0 ? replacing(doc) : kind === 1 || !runs.length ? restoringFile(original, doc) : restoringHunk(original, doc, runs[random(runs.length)]!);
    // As the recorder records it: a long insertion in parts.
    for (const part of inParts(whole, 5)) changes.push(part.toJSON());
    doc = whole.apply(doc);
  }
  console.log(JSON.stringify({ before, after: doc.toString(), changes }));
}
