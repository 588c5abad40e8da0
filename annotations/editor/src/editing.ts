/** What the editors of the page share: documents, what their keys do, and what is recorded of their use. */
import type { EditorView } from "@codemirror/view";
import { fileName } from "./dom";
import { Documents, type Hears } from "./documents";
import type { Shared } from "./editor";
import type { Files } from "./files";
import { hint } from "./hint";
import type { Lazy } from "./lazy";
import type { Navigation } from "./navigation";
import type { SessionLog } from "./session_log";
import { LARGEST_DOCUMENT } from "./size_limit";

/** `navigation` and the rest are asked for when they are needed: they come to be after the editors. */
export function sharedEditing(
  files: Files,
  log: SessionLog,
  on: { edited: Hears["edited"]; navigation(): Lazy<Navigation>; current(): string | null; restoreAt(line: number): void; renameSymbol(path: string, at: number): unknown },
): Shared {
  const documents = new Documents({
    edited: on.edited,
    tooLarge: (path, length) => {
      log.record("edit.refused", { path, length });
      hint(`${fileName(path)} would be larger than ${LARGEST_DOCUMENT.toLocaleString("en")} characters, which the record cannot hold. Nothing was changed.`);
    },
  });
  const inFile = (view: EditorView, act: (path: string) => unknown): boolean => {
    const path = documents.pathOf(view);
    if (path) void act(path);
    return path !== null;
  };
  return {
    documents,
    acts: {
      undo: (view) => documents.undo(view),
      redo: (view) => documents.redo(view),
      definition: (view, at) => inFile(view, (path) => on.navigation().use((names) => names.definition(path, at))),
      references: (view, at) => inFile(view, (path) => on.navigation().use((names) => names.references(path, at))),
      renameSymbol: (view, at) => inFile(view, (path) => on.renameSymbol(path, at)),
      restore: (line) => on.restoreAt(line),
      tooLarge: (length) => documents.refuse(on.current() ?? "", length),
    },
    originalOf: (path) => files.get(path)?.original ?? null,
    searched: (length) => log.record("searched", { query_length: length }),
    suggested: (path, count) => log.record("suggestion.shown", { path, count }),
    suggestionTaken: (path, length) => log.record("suggestion.taken", { path, length }),
    complete: async (path, context) => (await on.navigation().use((names) => names.complete(path, context))) ?? null,
    firstKeys: [],
    wrapping: [],
    languages: new Map(),
    marks: new Map(),
    locked: true,
  };
}
