/** The way back: the changes that make a file, or one run of changed lines, what it was when it was generated. */
import { ChangeSet, Text } from "@codemirror/state";
import { type Hunk, hunks } from "./changed_lines";

/** The run of changed lines at a line (1-based); a deletion counts for the lines on either side of it. */
export function hunkAt(original: Text, now: Text, line: number): Hunk | undefined {
  const found = hunks(original, now);
  return (
    found.find(({ fromB, toB }) => line > fromB && line <= toB) ??
    found.find(({ fromB, toB }) => fromB === toB && (line === fromB || line === fromB + 1))
  );
}

/** What makes these lines of `now` the lines of `original` again. */
export function restoringHunk(original: Text, now: Text, hunk: Hunk): ChangeSet {
  return ChangeSet.of(replacement(original, now, hunk), now.length);
}

/** What makes the whole of `now` the original again; only lines that differ are touched. */
export function restoringFile(original: Text, now: Text): ChangeSet {
  return ChangeSet.of(hunks(original, now).map((hunk) => replacement(original, now, hunk)), now.length);
}

function replacement(original: Text, now: Text, { fromA, toA, fromB, toB }: Hunk): { from: number; to: number; insert: Text } {
  const at = (line: number): number => (line < now.lines ? now.line(line + 1).from : now.length + 1);
  const before = Array.from({ length: toA - fromA }, (_, index) => original.line(fromA + index + 1).text);
  let from = at(fromB);
  let to = at(toB);
  let insert = before.length ? [...before, ""] : [""];
  if (to > now.length) {
    // The last line has no break behind it: the break before it goes or comes instead.
    to = now.length;
    if (from > 0) from--;
    insert = before.length ? (at(fromB) > 0 ? ["", ...before] : before) : [""];
  }
  // As Text, never as a string: a stray CR is an ordinary character here and would be split at.
  return { from, to, insert: Text.of(insert) };
}
