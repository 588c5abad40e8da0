/** What the palette offers besides symbols and lines: files, failed checks, and everything that can be done, under its name and keys. */
import { addCursorAbove, addCursorBelow, copyLineDown, copyLineUp, cursorMatchingBracket, deleteLine, deleteTrailingWhitespace, indentSelection, moveLineDown, moveLineUp, selectLine, selectParentSyntax, toggleBlockComment, toggleComment } from "@codemirror/commands";
import { foldAll, foldCode, unfoldAll, unfoldCode } from "@codemirror/language";
import { openSearchPanel, selectNextOccurrence, selectSelectionMatches } from "@codemirror/search";
import type { EditorView } from "@codemirror/view";
import { folder } from "./dom";
import { within } from "./file_verbs";
import { type Entry, fileEntry } from "./quick_open";

/** Everything somebody can ask for by name; the keys are those of keys.ts and extensions.ts. */
export interface Acts {
  runChecks(): unknown;
  compare(): unknown;
  searchFiles(): unknown;
  definition(): unknown;
  references(): unknown;
  renameSymbol(): unknown;
  back(): unknown;
  split(): unknown;
  otherColumn(): unknown;
  goToLine(): unknown;
  newFile(): unknown;
  renameFile(): unknown;
  renameFolder(folder?: string): unknown;
  deleteFile(): unknown;
  deleteFolder(folder?: string): unknown;
  undoFiles(): unknown;
  restoreFile(): unknown;
  restoreLines(): unknown;
  restoreDeleted(paths: string[]): unknown;
  closeFile(): unknown;
  inEditor(command: (view: EditorView) => boolean): unknown;
  wrap(): unknown;
  textSize(by: number): unknown;
  otherKeymap(): unknown;
  console(): unknown;
  pause(): unknown;
  submit(): unknown;
  giveUp(): unknown;
  leave(): unknown;
  showKeys(): unknown;
}

/** What there is at this moment. */
export interface Now {
  paths: string[];
  current: string | null;
  open(path: string): void;
  checks: { name: string; open(): void }[];
  deleted: ReadonlySet<string>;
  undoable: string | null;
  vim: boolean;
  wraps: boolean;
}

export function entries(acts: Acts, now: Now): Entry[] {
  return [
    ...now.paths.map((path) => fileEntry(path, () => now.open(path))),
    ...now.checks.map(({ name, open }): Entry => ({ group: "Checks", sign: "failed", name, choose: open })),
    ...commands(acts, now),
  ];
}

function commands(acts: Acts, now: Now): Entry[] {
  const command = (name: string, choose: () => unknown, keys?: string): Entry => ({ group: "Commands", sign: "goto", name, keys, choose: () => void choose() });
  const inEditor = (name: string, act: (view: EditorView) => boolean, keys?: string): Entry => command(name, () => acts.inEditor(act), keys);
  const own = folder(now.current ?? "");
  return [
    command("Run checks", acts.runChecks, "Ctrl ↵"),
    command("Compare with the generated code", acts.compare),
    command("Search and replace in all files", acts.searchFiles, "Ctrl Shift F"),
    command("Go to definition", acts.definition, "F12"),
    command("Find references", acts.references, "Shift F12"),
    command("Rename symbol…", acts.renameSymbol, "F2"),
    command("Go to line…", acts.goToLine, "Ctrl G"),
    command("Back to where I was", acts.back, "Alt ←"),
    command("One column or two", acts.split, "Ctrl \\"),
    command("The other column", acts.otherColumn),
    command("Close this file", acts.closeFile, "Alt W"),
    command("New file…", acts.newFile),
    command("Rename this file…", acts.renameFile),
    command("Delete this file…", acts.deleteFile),
    ...(own ? [command(`Rename the folder ${own}…`, () => acts.renameFolder(own)), command(`Delete the folder ${own}…`, () => acts.deleteFolder(own))] : []),
    ...(now.undoable ? [command(`Undo ${now.undoable}`, acts.undoFiles)] : []),
    command("Restore this file to the generated version…", acts.restoreFile),
    command("Restore the changed lines at the cursor…", acts.restoreLines),
    ...deletedFolders(now.deleted).map(([name, paths]) => command(`Restore the deleted files of ${name} (${paths.length})`, () => acts.restoreDeleted(paths))),
    ...[...now.deleted].map((path) => command(`Restore the deleted file ${path}`, () => acts.restoreDeleted([path]))),
    inEditor("Search and replace in this file", openSearchPanel, "Ctrl F"),
    inEditor("Comment the lines, or not", toggleComment, "Ctrl /"),
    inEditor("Comment the selection, or not", toggleBlockComment, "Shift Alt A"),
    inEditor("Move the line up", moveLineUp, "Alt ↑"),
    inEditor("Move the line down", moveLineDown, "Alt ↓"),
    inEditor("Duplicate the line above", copyLineUp, "Shift Alt ↑"),
    inEditor("Duplicate the line below", copyLineDown, "Shift Alt ↓"),
    inEditor("Delete the line", deleteLine, "Ctrl Shift K"),
    inEditor("Indent the selection anew", indentSelection, "Shift Alt F"),
    inEditor("Remove white space at the ends of lines", deleteTrailingWhitespace),
    inEditor("Select the next place like this", selectNextOccurrence, "Ctrl D"),
    inEditor("Select all places like this", selectSelectionMatches, "Ctrl Shift L"),
    inEditor("Add a cursor above", addCursorAbove, "Ctrl Alt ↑"),
    inEditor("Add a cursor below", addCursorBelow, "Ctrl Alt ↓"),
    inEditor("Select the line", selectLine, "Alt L"),
    inEditor("Select what is around", selectParentSyntax, "Ctrl I"),
    inEditor("Go to the matching bracket", cursorMatchingBracket, "Ctrl Shift \\"),
    inEditor("Fold", foldCode, "Ctrl Shift ["),
    inEditor("Unfold", unfoldCode, "Ctrl Shift ]"),
    inEditor("Fold everything", foldAll, "Ctrl Alt ["),
    inEditor("Unfold everything", unfoldAll, "Ctrl Alt ]"),
    command(now.wraps ? "Do not wrap long lines" : "Wrap long lines", acts.wrap, "Alt Z"),
    command("Larger text in the editor", () => acts.textSize(1)),
    command("Smaller text in the editor", () => acts.textSize(-1)),
    command("Ordinary text in the editor", () => acts.textSize(0)),
    command(now.vim ? "Use the default keys" : "Use Vim's keys", acts.otherKeymap),
    command("Show or hide the console", acts.console, "Ctrl `"),
    command("Pause…", acts.pause),
    command("Submit repair…", acts.submit),
    command("Give up with a reason…", acts.giveUp),
    command("Leave and keep my place", acts.leave),
    command("All keys", acts.showKeys, "?"),
  ];
}

/** Folders in which several generated files are gone, with these files. */
function deletedFolders(deleted: ReadonlySet<string>): [string, string[]][] {
  const folders = new Set([...deleted].flatMap((path) => path.split("/").slice(0, -1).map((_, index, names) => names.slice(0, index + 1).join("/"))));
  return [...folders].map((name): [string, string[]] => [name, within(deleted, name)]).filter(([, paths]) => paths.length > 1);
}
