/** Which lines differ from the generated file, as bars beside the line numbers. */
import { RangeSet, RangeSetBuilder, StateEffect, StateField, type Text } from "@codemirror/state";
import { type EditorView, gutter, GutterMarker } from "@codemirror/view";

export type LineChange = { line: number; is: "new" | "changed" | "gone" };

const MOST_PAIRS = 4_000_000;

/** Lines of `now` (1-based) that are new or changed against `original`; `gone` marks the line after a deletion. */
export function changedLines(original: Text, now: Text): LineChange[] {
  const before = lines(original);
  const after = lines(now);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  const kept = a.length * b.length <= MOST_PAIRS ? longestCommon(a, b) : [];
  const changes: LineChange[] = [];
  let i = 0;
  let j = 0;
  for (const [keptA, keptB] of [...kept, [a.length, b.length] as const]) {
    const replaced = Math.min(keptA - i, keptB - j);
    for (let k = j; k < keptB; k++) changes.push({ line: start + k + 1, is: k - j < replaced ? "changed" : "new" });
    if (keptB === j && keptA > i) changes.push({ line: Math.min(start + keptB + 1, after.length), is: "gone" });
    i = keptA + 1;
    j = keptB + 1;
  }
  return changes;
}

function lines(doc: Text): string[] {
  return doc.toString().split("\n");
}

function longestCommon(a: string[], b: string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j] ? lengths[(i + 1) * width + j + 1]! + 1 : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

class Bar extends GutterMarker {
  constructor(private readonly is: LineChange["is"]) {
    super();
  }
  override eq(other: Bar): boolean {
    return other.is === this.is;
  }
  override toDOM(): Node {
    const bar = document.createElement("span");
    bar.className = `cm-bar ${this.is}`;
    return bar;
  }
}
const bars = { new: new Bar("new"), changed: new Bar("changed"), gone: new Bar("gone") };

const setBars = StateEffect.define<RangeSet<GutterMarker>>();
const barField = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setBars)) return effect.value;
    return value.map(transaction.changes);
  },
});

export const changeBars = [barField, gutter({ class: "cm-bars", markers: (view) => view.state.field(barField) })];

/** Draw the bars of the file on show. */
export function showChangedLines(view: EditorView, original: Text | null): void {
  const builder = new RangeSetBuilder<GutterMarker>();
  const doc = view.state.doc;
  if (original) for (const { line, is } of changedLines(original, doc)) {
    const from = doc.line(line).from;
    builder.add(from, from, bars[is]);
  }
  view.dispatch({ effects: setBars.of(builder.finish()) });
}
