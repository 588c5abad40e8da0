/**
 * The editor: one view, one state per open file, each with its own history.
 *
 * It lives in a shadow root because only there CodeMirror's style sheets are adopted rather than written into <style>
 * elements, which the site's content security policy refuses.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { getSearchQuery, highlightSelectionMatches, search, searchKeymap, setSearchQuery } from "@codemirror/search";
import { type ChangeSet, Compartment, EditorSelection, EditorState, type Extension, type Text, Transaction } from "@codemirror/state";
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
import { changeBars, showChangedLines } from "./changed_lines";
import { languageFor } from "./languages";
import { look } from "./look";
import { type Mark, marks, setMarks } from "./marks";

export const MOST_EDITABLE = 500_000;
const REST = 1000; // a resting cursor or scroll position is told at most once a second

export interface Hears {
  edited(path: string, changes: ChangeSet, user: string, doc: Text): void;
  selected(path: string, head: number): void;
  scrolled(path: string, line: number): void;
  searched(length: number): void;
  moved(line: number, column: number): void;
}

export class Editor {
  private readonly states = new Map<string, EditorState>();
  private readonly scrollTops = new Map<string, number>();
  private readonly language = new Compartment();
  private readonly writable = new Compartment();
  private readonly view: EditorView;
  private locked = true;
  private shown: string | null = null;
  private marksOf = new Map<string, Mark[]>();
  private barTimer = 0;
  private readonly tellSelected = throttled<[string, number]>((path, head) => this.hears.selected(path, head));
  private readonly tellScrolled = throttled<[string, number]>((path, line) => this.hears.scrolled(path, line));
  private readonly tellSearched = settled<[number]>((length) => this.hears.searched(length));

  constructor(
    place: HTMLElement,
    private readonly hears: Hears,
    private readonly originalOf: (path: string) => Text | null,
  ) {
    const root = place.attachShadow({ mode: "open" });
    this.view = new EditorView({ parent: root, root, state: EditorState.create() });
    this.view.scrollDOM.addEventListener("scroll", () => this.onScroll(), { passive: true });
  }

  get path(): string | null {
    return this.shown;
  }

  /** Bring a file onto the screen; `doc` is only read where it was not open before. */
  show(path: string, doc: Text): void {
    this.keep();
    const fresh = !this.states.has(path);
    const state = this.states.get(path) ?? this.open(path, doc);
    this.shown = path;
    this.view.setState(state.update({ effects: [this.lockEffect(state.doc), setMarks.of(this.marksOf.get(path) ?? [])] }).state);
    this.view.scrollDOM.scrollTop = this.scrollTops.get(path) ?? 0;
    this.view.contentDOM.setAttribute("aria-label", path);
    this.drawBars();
    this.tellPosition();
    if (fresh || !this.hasLanguage.has(path)) void this.addLanguage(path);
  }

  /** Nothing on the screen (no file open, or one that is not text). */
  hide(): void {
    this.keep();
    this.shown = null;
  }

  close(path: string): void {
    if (this.shown === path) this.hide();
    this.states.delete(path);
    this.scrollTops.delete(path);
    this.hasLanguage.delete(path);
  }

  renamed(from: string, to: string): void {
    this.keep();
    const state = this.states.get(from);
    this.states.delete(from);
    if (state) this.states.set(to, state);
    if (this.shown === from) this.shown = to;
    this.hasLanguage.delete(from);
    if (this.shown === to) void this.addLanguage(to);
  }

  goTo(line: number): void {
    const doc = this.view.state.doc;
    const at = doc.line(Math.max(1, Math.min(line, doc.lines)));
    const indent = /^\s*/.exec(at.text)![0].length;
    this.view.dispatch({
      selection: EditorSelection.cursor(at.from + indent),
      effects: EditorView.scrollIntoView(at.from, { y: "center" }),
      userEvent: "select.link",
    });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  get cursorLine(): number {
    return this.view.state.doc.lineAt(this.view.state.selection.main.head).number;
  }

  lock(locked: boolean): void {
    this.locked = locked;
    if (this.shown) this.view.dispatch({ effects: this.lockEffect(this.view.state.doc) });
  }

  setMarks(byPath: Map<string, Mark[]>): void {
    this.marksOf = byPath;
    if (this.shown) this.view.dispatch({ effects: setMarks.of(byPath.get(this.shown) ?? []) });
  }

  private open(path: string, doc: Text): EditorState {
    const state = EditorState.create({ doc, extensions: this.extensions(doc) });
    this.states.set(path, state);
    return state;
  }

  private extensions(doc: Text): Extension {
    return [
      EditorState.lineSeparator.of("\n"),
      EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
      marks,
      lineNumbers(),
      changeBars,
      highlightActiveLineGutter(),
      highlightActiveLine(),
      history(),
      drawSelection(),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      rectangularSelection(),
      crosshairCursor(),
      bracketMatching(),
      indentOnInput(),
      indentUnit.of(indentationOf(doc)),
      EditorState.tabSize.of(4),
      highlightSelectionMatches({ minSelectionLength: 2 }),
      search({ top: true }),
      keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...searchKeymap, ...historyKeymap, indentWithTab]),
      look,
      this.language.of([]),
      this.writable.of([]),
      EditorView.updateListener.of((update) => {
        for (const transaction of update.transactions) this.hear(transaction);
      }),
    ];
  }

  private hear(transaction: Transaction): void {
    const path = this.shown;
    if (!path) return;
    if (transaction.docChanged) {
      this.hears.edited(path, transaction.changes, transaction.annotation(Transaction.userEvent) ?? "", transaction.newDoc);
      clearTimeout(this.barTimer);
      this.barTimer = window.setTimeout(() => this.drawBars(), 300);
    }
    if (transaction.selection ?? transaction.docChanged) this.tellPosition(transaction.state);
    if (transaction.isUserEvent("select")) this.tellSelected(path, transaction.newSelection.main.head);
    if (transaction.effects.some((effect) => effect.is(setSearchQuery))) {
      const length = getSearchQuery(transaction.state).search.length;
      if (length) this.tellSearched(length);
    }
  }

  private onScroll(): void {
    if (!this.shown) return;
    const top = this.view.scrollDOM.scrollTop;
    const line = this.view.state.doc.lineAt(this.view.lineBlockAtHeight(top).from).number;
    this.tellScrolled(this.shown, line);
  }

  private tellPosition(state: EditorState = this.view.state): void {
    const head = state.selection.main.head;
    const line = state.doc.lineAt(head);
    this.hears.moved(line.number, head - line.from + 1);
  }

  private drawBars(): void {
    if (this.shown) showChangedLines(this.view, this.originalOf(this.shown));
  }

  private keep(): void {
    if (!this.shown) return;
    this.states.set(this.shown, this.view.state);
    this.scrollTops.set(this.shown, this.view.scrollDOM.scrollTop);
  }

  private lockEffect(doc: Text): ReturnType<Compartment["reconfigure"]> {
    const locked = this.locked || doc.length > MOST_EDITABLE;
    return this.writable.reconfigure(locked ? [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-readonly": "true" })] : []);
  }

  private readonly hasLanguage = new Set<string>();

  private async addLanguage(path: string): Promise<void> {
    let extension: Extension;
    try {
      extension = await languageFor(path);
    } catch {
      return; // without its colours the file is still a file; tried again when it is shown next
    }
    const effects = this.language.reconfigure(extension);
    this.hasLanguage.add(path);
    if (this.shown === path) this.view.dispatch({ effects });
    else {
      const state = this.states.get(path);
      if (state) this.states.set(path, state.update({ effects }).state);
    }
  }
}

/** How a file indents: the first indented line says it. */
export function indentationOf(doc: Text): string {
  for (let number = 1; number <= Math.min(doc.lines, 400); number++) {
    const found = /^(\t| {2,8})\S/.exec(doc.line(number).text);
    if (found) return found[1]!.startsWith("\t") ? "\t" : found[1]!.length % 4 === 0 ? "    " : "  ";
  }
  return "    ";
}

function throttled<A extends unknown[]>(tell: (...what: A) => void): (...what: A) => void {
  let last = 0;
  let timer = 0;
  return (...what) => {
    clearTimeout(timer);
    const wait = last + REST - Date.now();
    const now = (): void => {
      last = Date.now();
      tell(...what);
    };
    if (wait <= 0) now();
    else timer = window.setTimeout(now, wait);
  };
}

function settled<A extends unknown[]>(tell: (...what: A) => void): (...what: A) => void {
  let timer = 0;
  return (...what) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => tell(...what), REST);
  };
}
