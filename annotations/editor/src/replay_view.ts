/** The code at a moment of a replay: read only, with the caret where it was and bars beside changed lines. */
import { Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, lineNumbers } from "@codemirror/view";
import { changeBars, showChangedLines } from "./changed_lines";
import { languageFor } from "./languages";
import { look } from "./look";

const caret = EditorView.theme({ ".cm-cursorLayer .cm-cursor": { display: "block !important" }, ".cm-cursorLayer": { opacity: "1 !important", animation: "none !important" } });

export class ReplayView {
  private readonly view: EditorView;
  private readonly language = new Compartment();
  private path = "";
  private bars = 0;

  constructor(
    place: HTMLElement,
    private readonly originalOf: (path: string) => Text | null,
  ) {
    // In a shadow root, because only there style sheets are adopted rather than written into <style> elements.
    const root = place.attachShadow({ mode: "open" });
    this.view = new EditorView({ parent: root, root, state: EditorState.create() });
  }

  show(path: string, doc: Text, head: number | null): void {
    if (path !== this.path) this.open(path, doc);
    else this.change(doc);
    const at = head === null ? this.view.state.selection.main.head : Math.min(head, this.view.state.doc.length);
    this.view.dispatch({ selection: { anchor: at }, effects: head === null ? [] : EditorView.scrollIntoView(at, { y: "nearest", yMargin: 84 }) });
    clearTimeout(this.bars);
    this.bars = window.setTimeout(() => showChangedLines(this.view, this.originalOf(path)), 150);
  }

  private open(path: string, doc: Text): void {
    this.path = path;
    this.view.setState(EditorState.create({ doc, extensions: this.extensions() }));
    this.view.contentDOM.setAttribute("aria-label", path);
    void languageFor(path)
      .then((extension) => this.path === path && this.view.dispatch({ effects: this.language.reconfigure(extension) }))
      .catch(() => undefined); // without its colours the file is still a file
  }

  /** Only what differs is replaced, so that what stays is not drawn anew. */
  private change(doc: Text): void {
    const old = this.view.state.doc;
    if (old.eq(doc)) return;
    const before = old.toString();
    const after = doc.toString();
    const most = Math.min(before.length, after.length);
    let start = 0;
    while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
    let end = 0;
    while (end < most - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++;
    this.view.dispatch({ changes: { from: start, to: before.length - end, insert: doc.slice(start, doc.length - end) } });
  }

  private extensions(): Extension {
    return [
      EditorState.lineSeparator.of("\n"),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ tabindex: "0" }),
      lineNumbers(),
      changeBars,
      highlightActiveLineGutter(),
      highlightActiveLine(),
      drawSelection(),
      look,
      caret,
      this.language.of([]),
    ];
  }
}
