/** Which lines differ from the generated file, as bars beside the line numbers. */
import { Facet, RangeSet, RangeSetBuilder, StateEffect, StateField, type Text } from "@codemirror/state";
import { type EditorView, gutter, GutterMarker } from "@codemirror/view";

export type LineChange = { line: number; is: "new" | "changed" | "gone" };

const MOST_PAIRS = 4_000_000;

/** A run of lines that differ: lines fromA up to toA of the original became fromB up to toB of now; 0-based, half open. */
export interface Hunk {
  fromA: number;
  toA: number;
  fromB: number;
  toB: number;
}

export function hunks(original: Text, now: Text): Hunk[] {
  const before = lines(original);
  const after = lines(now);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  const kept = a.length * b.length <= MOST_PAIRS ? longestCommon(a, b) : [];
  const found: Hunk[] = [];
  let i = 0;
  let j = 0;
  for (const [keptA, keptB] of [...kept, [a.length, b.length] as const]) {
    if (keptA > i || keptB > j) found.push({ fromA: start + i, toA: start + keptA, fromB: start + j, toB: start + keptB });
    i = keptA + 1;
    j = keptB + 1;
  }
  return found;
}

/** Lines of `now` (1-based) that are new or changed against `original`; `gone` marks the line after a deletion. */
export function changedLines(original: Text, now: Text): LineChange[] {
  return hunks(original, now).flatMap(({ fromA, toA, fromB, toB }): LineChange[] => {
    if (fromB === toB) return [{ line: Math.min(toB + 1, now.lines), is: "gone" }];
    return Array.from({ length: toB - fromB }, (_, k) => ({ line: fromB + k + 1, is: k < toA - fromA ? "changed" : "new" }));
  });
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
    bar.title = "Differs from the generated code. Press to restore.";
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

/** Somebody pressed the bar of a changed line. */
export const barPressed = Facet.define<(view: EditorView, line: number) => void>();

export const changeBars = [
  barField,
  gutter({
    class: "cm-bars",
    markers: (view) => view.state.field(barField),
    domEventHandlers: {
      mousedown(view, block, event) {
        if (!(event.target as Element).closest(".cm-gutterElement")?.querySelector(".cm-bar")) return false;
        const line = view.state.doc.lineAt(block.from).number;
        for (const tell of view.state.facet(barPressed)) tell(view, line);
        return true;
      },
    },
  }),
];

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
