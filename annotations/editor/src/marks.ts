/** Failures and findings beside the lines they point at. */
import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, gutter, GutterMarker, WidgetType } from "@codemirror/view";

export interface Mark {
  line: number;
  text: string;
  is: "failure" | "finding";
}

class Square extends GutterMarker {
  constructor(private readonly mark: Mark) {
    super();
  }
  override eq(other: Square): boolean {
    return other.mark.text === this.mark.text && other.mark.is === this.mark.is;
  }
  override toDOM(): Node {
    const square = document.createElement("span");
    square.className = `cm-mark ${this.mark.is}`;
    square.title = this.mark.text;
    return square;
  }
}

class Lens extends WidgetType {
  constructor(private readonly mark: Mark) {
    super();
  }
  override eq(other: Lens): boolean {
    return other.mark.text === this.mark.text && other.mark.is === this.mark.is;
  }
  override toDOM(): HTMLElement {
    const lens = document.createElement("span");
    lens.className = `cm-lens ${this.mark.is}`;
    lens.textContent = lens.title = this.mark.text;
    return lens;
  }
}

interface Drawn {
  squares: RangeSet<GutterMarker>;
  lenses: DecorationSet;
}

export const setMarks = StateEffect.define<Mark[]>();

const field = StateField.define<Drawn>({
  create: () => ({ squares: RangeSet.empty, lenses: Decoration.none }),
  update(drawn, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      const doc = transaction.newDoc;
      const lines = effect.value.filter(({ line }) => line >= 1 && line <= doc.lines).map((mark) => ({ mark, at: doc.line(mark.line) }));
      return {
        squares: RangeSet.of(lines.map(({ mark, at }) => new Square(mark).range(at.from)), true),
        lenses: Decoration.set(lines.map(({ mark, at }) => Decoration.widget({ widget: new Lens(mark), side: 1 }).range(at.to)), true),
      };
    }
    return transaction.docChanged
      ? { squares: drawn.squares.map(transaction.changes), lenses: drawn.lenses.map(transaction.changes) }
      : drawn;
  },
  provide: (own) => EditorView.decorations.from(own, ({ lenses }) => lenses),
});

export const marks = [field, gutter({ class: "cm-marks", markers: (view) => view.state.field(field).squares })];
