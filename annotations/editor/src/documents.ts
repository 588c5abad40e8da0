/**
 * The open documents: one state with one history per file, however many editors show it.
 *
 * The first editor that shows a file keeps its state; another one follows: it gets every change, and its undo is undone
 * by the first, so that undo stays per file. Changes by program (replace, restore) come through `change` and are heard
 * like typing, with a user event of their own.
 */
import { redo, undo } from "@codemirror/commands";
import { Annotation, type ChangeSet, EditorState, type Extension, type Text, Transaction } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { fits } from "./size_limit";

/** Code units of a document that may still be changed here, and that is coloured. */
export const MOST_EDITABLE = 500_000;
export const MOST_COLOURED = 200_000;

/** A change that another editor of the same file has made, and that is recorded already. */
export const followed = Annotation.define<boolean>();

export interface Shows {
  path: string | null;
  readonly view: EditorView;
  follows: boolean;
}

export interface Hears {
  edited(path: string, changes: ChangeSet, user: string, doc: Text): void;
  /** A change was refused because the document would become too large. */
  tooLarge(path: string, length: number): void;
}

export class Documents {
  private readonly states = new Map<string, EditorState>();
  private readonly editors = new Set<Shows>();

  constructor(private readonly hears: Hears) {}

  add(editor: Shows): void {
    this.editors.add(editor);
  }

  remove(editor: Shows): void {
    this.editors.delete(editor);
  }

  /** The state in which `editor` shows a file: the file's own, or one that follows another editor. */
  take(editor: Shows, path: string, doc: Text, extensions: (doc: Text, path: string) => Extension): EditorState {
    const first = this.keeper(path);
    editor.follows = first !== undefined && first !== editor;
    if (editor.follows) return EditorState.create({ doc: first!.view.state.doc, extensions: extensions(first!.view.state.doc, path) });
    let state = this.states.get(path);
    if (!state) this.states.set(path, (state = EditorState.create({ doc, extensions: extensions(doc, path) })));
    return state;
  }

  /** `editor` shows something else from now on; the next one that shows the file inherits its state. */
  leave(editor: Shows, path: string): void {
    if (editor.follows) return;
    this.states.set(path, editor.view.state);
    const heir = this.showing(path).find((other) => other !== editor);
    if (!heir) return;
    const { selection } = heir.view.state;
    heir.follows = false;
    heir.view.setState(editor.view.state.update({ selection }).state);
  }

  /** The file is gone. (One that is merely closed keeps its state, so that it can be undone after it is opened again.) */
  forget(path: string): void {
    if (!this.showing(path).length) this.states.delete(path);
  }

  renamed(from: string, to: string): void {
    const keeper = this.keeper(from);
    if (keeper) this.states.set(from, keeper.view.state);
    for (const editor of this.showing(from)) editor.path = to;
    const state = this.states.get(from);
    this.states.delete(from);
    if (state) this.states.set(to, state);
  }

  /**
   * Change a file by program, on screen or not; it can be undone there like typing. False where it cannot be done.
   * `fresh` makes the state of a file that was never open.
   */
  change(path: string, changes: ChangeSet, user: string, fresh: () => EditorState): boolean {
    if (!fits(changes)) {
      this.hears.tooLarge(path, changes.newLength);
      return false;
    }
    const editor = this.keeper(path);
    if (editor) {
      editor.view.dispatch({ changes, userEvent: user });
      return true;
    }
    const before = this.states.get(path) ?? fresh();
    const transaction = before.update({ changes, userEvent: user });
    this.states.set(path, transaction.state);
    this.hears.edited(path, transaction.changes, user, transaction.newDoc);
    return true;
  }

  /** An editor heard a transaction: it is recorded once and handed to those who show the same file. */
  heard(editor: Shows, path: string, transaction: Transaction): void {
    if (!transaction.docChanged || transaction.annotation(followed)) return;
    const user = transaction.annotation(Transaction.userEvent) ?? "";
    for (const other of this.showing(path)) {
      if (other === editor) continue;
      // What the keeper undoes is no edit that could be undone once more; what a follower types is one of the keeper's.
      const annotations = [followed.of(true), ...(user && other.follows === false ? [Transaction.userEvent.of(user)] : [])];
      other.view.dispatch({ changes: transaction.changes, annotations, filter: false });
    }
    this.hears.edited(path, transaction.changes, user, transaction.newDoc);
  }

  /** Say that a change was refused. */
  refuse(path: string, length: number): void {
    this.hears.tooLarge(path, length);
  }

  undo(view: EditorView): boolean {
    return this.inKeeper(view, undo);
  }

  redo(view: EditorView): boolean {
    return this.inKeeper(view, redo);
  }

  pathOf(view: EditorView): string | null {
    return [...this.editors].find((editor) => editor.view === view)?.path ?? null;
  }

  private inKeeper(view: EditorView, command: (view: EditorView) => boolean): boolean {
    const path = this.pathOf(view);
    const keeper = path === null ? undefined : this.keeper(path);
    return keeper ? command(keeper.view) : false;
  }

  private keeper(path: string): Shows | undefined {
    return this.showing(path).find((editor) => !editor.follows);
  }

  private showing(path: string): Shows[] {
    return [...this.editors].filter((editor) => editor.path === path);
  }
}
