/** What every state of a document is made of; what arrives later (language, keymap, lock) has a compartment. */
import { defaultKeymap, history, indentSelection, indentWithTab, undoSelection } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { barPressed, changeBars } from "./changed_lines";
import { look } from "./look";
import { marks } from "./marks";
import { sizeLimit } from "./size_limit";

export const language = new Compartment();
export const writable = new Compartment();
export const wrapping = new Compartment();
/** Vim's keys, where they are chosen: before all others. */
export const firstKeys = new Compartment();

export interface Acts {
  undo(view: EditorView): boolean;
  redo(view: EditorView): boolean;
  definition(view: EditorView, at: number): boolean;
  references(view: EditorView, at: number): boolean;
  renameSymbol(view: EditorView, at: number): boolean;
  restore(line: number): void;
  tooLarge(length: number): void;
}

export function extensions(doc: Text, acts: Acts, own: { history: boolean; firstKeys: Extension; language: Extension }): Extension {
  return [
    firstKeys.of(own.firstKeys),
    EditorState.lineSeparator.of("\n"),
    EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
    sizeLimit((length) => acts.tooLarge(length)),
    marks,
    lineNumbers(),
    changeBars,
    barPressed.of((_view, line) => acts.restore(line)),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    own.history ? history() : [],
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    EditorView.clickAddsSelectionRange.of((event) => event.altKey && !event.ctrlKey && !event.metaKey),
    rectangularSelection({ eventFilter: (event) => event.altKey && !event.ctrlKey }),
    crosshairCursor(),
    bracketMatching(),
    indentOnInput(),
    indentUnit.of(indentationOf(doc)),
    EditorState.tabSize.of(4),
    keymap.of([
      { key: "Mod-z", run: acts.undo, preventDefault: true },
      { key: "Mod-y", mac: "Mod-Shift-z", run: acts.redo, preventDefault: true },
      { linux: "Ctrl-Shift-z", run: acts.redo, preventDefault: true },
      { key: "Mod-u", run: undoSelection, preventDefault: true },
      { key: "Shift-Alt-f", run: indentSelection },
      { key: "F2", run: (view) => acts.renameSymbol(view, view.state.selection.main.head) },
      { key: "F12", run: (view) => acts.definition(view, view.state.selection.main.head), shift: (view) => acts.references(view, view.state.selection.main.head) },
      ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
      indentWithTab,
    ]),
    EditorView.domEventHandlers({
      mousedown(event, view) {
        const at = event.button === 0 && (event.ctrlKey || event.metaKey) && !event.altKey ? view.posAtCoords({ x: event.clientX, y: event.clientY }) : null;
        return at !== null && acts.definition(view, at);
      },
    }),
    // Focusable anyhow, but said so that assistive tools know.
    EditorView.contentAttributes.of({ tabindex: "0" }),
    look,
    language.of(own.language),
    writable.of([]),
    wrapping.of([]),
  ];
}

/** How a file indents: the first indented line says it. */
export function indentationOf(doc: Text): string {
  for (let number = 1; number <= Math.min(doc.lines, 400); number++) {
    const found = /^(\t| {2,8})\S/.exec(doc.line(number).text);
    if (found) return found[1]!.startsWith("\t") ? "\t" : found[1]!.length % 4 === 0 ? "    " : "  ";
  }
  return "    ";
}
