import assert from "node:assert/strict";
import { test } from "node:test";
import { history, undo } from "@codemirror/commands";
import { ChangeSet, EditorState, Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { Documents } from "../../../annotations/editor/src/documents";
import { LARGEST_DOCUMENT } from "../../../annotations/editor/src/size_limit";

interface Heard {
  path: string;
  user: string;
  text: string;
}

function documents(): { heard: Heard[]; refused: string[]; documents: Documents } {
  const heard: Heard[] = [];
  const refused: string[] = [];
  return {
    heard,
    refused,
    documents: new Documents({ edited: (path, _changes, user, doc) => heard.push({ path, user, text: doc.toString() }), tooLarge: (path) => refused.push(path) }),
  };
}

/** An editor without a screen: what the view of a browser does with transactions. */
function editor(all: Documents, path: string) {
  const own = { path: path as string | null, follows: false, view: null as unknown as EditorView };
  let state = EditorState.create();
  own.view = {
    get state() { return state; },
    setState: (next: EditorState) => (state = next),
    dispatch: (spec: Parameters<EditorState["update"]>[0]) => {
      const transaction = spec && "state" in spec && "startState" in spec ? (spec as never) : state.update(spec);
      state = (transaction as { state: EditorState }).state;
      all.heard(own, own.path!, transaction as never);
    },
  } as unknown as EditorView;
  all.add(own);
  state = all.take(own, path, Text.of(["start"]), () => (own.follows ? [] : history()));
  return own;
}

test("a file on no screen is changed and heard, and undone where it is shown later", () => {
  const { heard, documents: all } = documents();
  const fresh = (): EditorState => EditorState.create({ doc: "start", extensions: history() });
  assert.equal(all.change("a", ChangeSet.of({ from: 0, insert: "x" }, 5), "restore.file", fresh), true);
  assert.deepEqual(heard, [{ path: "a", user: "restore.file", text: "xstart" }]);
  const shown = editor(all, "a");
  assert.equal(shown.view.state.doc.toString(), "xstart");
  undo(shown.view);
  assert.equal(heard.at(-1)!.text, "start");
  assert.equal(heard.at(-1)!.user, "undo");
});

test("two editors of one file: each change is heard once and reaches the other; undo is of the file", () => {
  const { heard, documents: all } = documents();
  const first = editor(all, "a");
  const second = editor(all, "a");
  assert.equal(second.follows, true);
  second.view.dispatch({ changes: { from: 5, insert: "!" }, userEvent: "input.type" });
  first.view.dispatch({ changes: { from: 0, insert: "?" }, userEvent: "input.paste" });
  assert.deepEqual(heard.map(({ user, text }) => `${user} ${text}`), ["input.type start!", "input.paste ?start!"]);
  assert.equal(second.view.state.doc.toString(), "?start!");
  all.undo(second.view);
  all.undo(second.view);
  assert.equal(first.view.state.doc.toString(), "start");
  assert.equal(second.view.state.doc.toString(), "start");
  assert.equal(heard.length, 4);
});

test("the second editor inherits the history when the first goes", () => {
  const { documents: all } = documents();
  const first = editor(all, "a");
  const second = editor(all, "a");
  first.view.dispatch({ changes: { from: 0, insert: "x" }, userEvent: "input.type" });
  all.leave(first, "a");
  first.path = "b";
  assert.equal(second.follows, false);
  all.undo(second.view);
  assert.equal(second.view.state.doc.toString(), "start");
});

test("a file keeps its history under its new name", () => {
  const { documents: all } = documents();
  const shown = editor(all, "a");
  shown.view.dispatch({ changes: { from: 0, insert: "x" }, userEvent: "input.type" });
  all.renamed("a", "b");
  assert.equal(shown.path, "b");
  all.undo(shown.view);
  assert.equal(shown.view.state.doc.toString(), "start");
});

test("what the record cannot hold is refused", () => {
  const { heard, refused, documents: all } = documents();
  const change = ChangeSet.of({ from: 0, insert: "x".repeat(LARGEST_DOCUMENT) }, 5);
  assert.equal(all.change("a", change, "", () => EditorState.create({ doc: "start" })), false);
  assert.deepEqual([heard.length, refused], [0, ["a"]]);
});
