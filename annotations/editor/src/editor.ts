/**
 * One editor: a view that shows one file at a time. The states are kept by `Documents`.
 *
 * It lives in a shadow root because only there CodeMirror's style sheets are adopted rather than written into <style>
 * elements, which the site's content security policy refuses.
 */
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { EditorSelection, EditorState, type Extension, type StateEffect, type Text, type Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { showChangedLines } from "./changed_lines";
import { type Documents, MOST_COLOURED, MOST_EDITABLE } from "./documents";
import { type Acts, extensions, firstKeys, language, wrapping, writable } from "./extensions";
import { assistanceFor } from "./languages";
import { type Mark, setMarks } from "./marks";
import { throttled } from "./resting";

export interface Hears {
  selected(path: string, head: number): void;
  scrolled(path: string, line: number): void;
  moved(path: string, line: number, column: number): void;
}

/** What all editors of the page share. */
export interface Shared {
  documents: Documents;
  acts: Acts;
  originalOf(path: string): Text | null;
  /** Something was searched for in a file. */
  searched(length: number): void;
  /** Completions were offered; one was taken, this many code units long. */
  suggested(path: string, count: number): void;
  suggestionTaken(path: string, length: number): void;
  complete: (path: string, context: CompletionContext) => Promise<CompletionResult | null>;
  /** Vim's keys, or nothing. */
  firstKeys: Extension;
  /** Long lines are continued below, or nothing. */
  wrapping: Extension;
  languages: Map<string, Extension>;
  marks: Map<string, Mark[]>;
  locked: boolean;
}

export class Editor {
  readonly view: EditorView;
  path: string | null = null;
  follows = false;
  private readonly scrollTops = new Map<string, number>();
  private barTimer = 0;
  private readonly tellSelected = throttled<[string, number]>((path, head) => this.hears.selected(path, head));
  private readonly tellScrolled = throttled<[string, number]>((path, line) => this.hears.scrolled(path, line));

  constructor(
    place: HTMLElement,
    private readonly shared: Shared,
    private readonly hears: Hears,
  ) {
    const root = place.attachShadow({ mode: "open" });
    this.view = new EditorView({
      parent: root,
      root,
      state: EditorState.create(),
      // Here and not in a listener of the state: the state of a file may move from one editor to another.
      dispatchTransactions: (transactions, view) => {
        view.update(transactions);
        for (const transaction of transactions) this.hear(transaction);
      },
    });
    this.view.scrollDOM.addEventListener("scroll", () => this.onScroll(), { passive: true });
    shared.documents.add(this);
  }

  /** Bring a file onto the screen; `doc` is only read where it was not open before. */
  show(path: string, doc: Text): void {
    this.leave();
    const state = this.shared.documents.take(this, path, doc, (own) => this.extensions(own, path));
    this.path = path;
    const effects: StateEffect<unknown>[] = [
      writable.reconfigure(this.lock(state.doc)),
      firstKeys.reconfigure(this.shared.firstKeys),
      wrapping.reconfigure(this.shared.wrapping),
      language.reconfigure(this.shared.languages.get(path) ?? []),
      setMarks.of(this.shared.marks.get(path) ?? []),
    ];
    this.view.setState(state.update({ effects }).state);
    this.view.scrollDOM.scrollTop = this.scrollTops.get(path) ?? 0;
    this.view.contentDOM.setAttribute("aria-label", path);
    this.drawBars();
    this.tellPosition();
    if (!this.shared.languages.has(path)) void this.addLanguage(path, state.doc.length <= MOST_COLOURED);
  }

  /** Nothing on the screen (no file open, or one that is not text). */
  hide(): void {
    this.leave();
    this.path = null;
  }

  close(path: string): void {
    if (this.path === path) this.hide();
    this.scrollTops.delete(path);
  }

  renamed(from: string, to: string): void {
    const top = this.scrollTops.get(from);
    this.scrollTops.delete(from);
    if (top !== undefined) this.scrollTops.set(to, top);
  }

  /** The page closes this editor. */
  end(): void {
    this.hide();
    this.shared.documents.remove(this);
    this.view.destroy();
  }

  /** A state for a file that is not open, to change it by program. */
  fresh(path: string, doc: Text): EditorState {
    return EditorState.create({ doc, extensions: this.extensions(doc, path, true) });
  }

  goTo(line: number, column = 0): void {
    const doc = this.view.state.doc;
    const at = doc.line(Math.max(1, Math.min(line, doc.lines)));
    const indent = /^\s*/.exec(at.text)![0].length;
    this.view.dispatch({
      selection: EditorSelection.cursor(at.from + Math.min(at.length, column || indent)),
      effects: EditorView.scrollIntoView(at.from, { y: "center" }),
      userEvent: "select.link",
    });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  /** The line from 1, the column from 0. */
  get cursor(): { line: number; column: number } {
    const { doc, selection } = this.view.state;
    const line = doc.lineAt(selection.main.head);
    return { line: line.number, column: selection.main.head - line.from };
  }

  /** The lock, the marks or the keys that all editors share have changed. */
  refresh(): void {
    if (!this.path) return;
    this.view.dispatch({
      effects: [
        writable.reconfigure(this.lock(this.view.state.doc)),
        firstKeys.reconfigure(this.shared.firstKeys),
        wrapping.reconfigure(this.shared.wrapping),
        setMarks.of(this.shared.marks.get(this.path) ?? []),
      ],
    });
    this.view.requestMeasure();
  }

  private extensions(doc: Text, path: string, history = !this.follows): Extension {
    const { acts, languages } = this.shared;
    return extensions(doc, acts, { history, firstKeys: this.shared.firstKeys, language: languages.get(path) ?? [] });
  }

  private hear(transaction: Transaction): void {
    const path = this.path;
    if (!path) return;
    this.shared.documents.heard(this, path, transaction);
    if (transaction.isUserEvent("input.complete")) {
      let length = 0;
      transaction.changes.iterChanges((_fromA, _toA, fromB, toB) => (length += toB - fromB));
      this.shared.suggestionTaken(path, length);
    }
    if (transaction.docChanged) {
      clearTimeout(this.barTimer);
      this.barTimer = window.setTimeout(() => this.drawBars(), 300);
    }
    if (transaction.selection ?? transaction.docChanged) this.tellPosition(transaction.state);
    if (transaction.isUserEvent("select")) this.tellSelected(path, transaction.newSelection.main.head);
  }

  private onScroll(): void {
    if (!this.path) return;
    const top = this.view.scrollDOM.scrollTop;
    const line = this.view.state.doc.lineAt(this.view.lineBlockAtHeight(top).from).number;
    this.tellScrolled(this.path, line);
  }

  private tellPosition(state: EditorState = this.view.state): void {
    const head = state.selection.main.head;
    const line = state.doc.lineAt(head);
    this.hears.moved(this.path!, line.number, head - line.from + 1);
  }

  private drawBars(): void {
    if (this.path) showChangedLines(this.view, this.shared.originalOf(this.path));
  }

  private leave(): void {
    if (!this.path) return;
    this.scrollTops.set(this.path, this.view.scrollDOM.scrollTop);
    this.shared.documents.leave(this, this.path);
  }

  private lock(doc: Text): Extension {
    const locked = this.shared.locked || doc.length > MOST_EDITABLE;
    return locked ? [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-readonly": "true" })] : [];
  }

  private async addLanguage(path: string, coloured: boolean): Promise<void> {
    let extension: Extension;
    try {
      extension = await assistanceFor(coloured ? path : null, {
        complete: (context) => this.shared.complete(path, context),
        searched: (length) => this.shared.searched(length),
        suggested: (count) => this.shared.suggested(path, count),
      });
    } catch {
      return; // without its colours the file is still a file; tried again when it is shown next
    }
    this.shared.languages.set(path, extension);
    const effects = language.reconfigure(extension);
    if (this.path === path) this.view.dispatch({ effects });
  }
}
