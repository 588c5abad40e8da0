/** Creating, renaming, moving and deleting files and folders: each is asked for, done, recorded, and can be undone. */
import { ask, tell } from "./dialogs";
import { counted, fileName, folder as folderOf } from "./dom";
import type { Kinds, LogEvent } from "./events";
import type { Files, SessionFile } from "./files";
import type { OpenFiles } from "./open_files";
import { folderMoves, inOrder, type Move, refusal } from "./paths";
import type { SessionLog } from "./session_log";

const MOST_UNDONE = 20;

interface Done {
  /** "moving app/services to app/core" */
  what: string;
  undo(): Promise<void>;
}

export class FileVerbs {
  private readonly done: Done[] = [];

  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly log: SessionLog,
    private readonly on: { drawFiles(): void; foldersMoved(from: string, to: string): void; hint(words: string): void },
  ) {}

  async create(folder = folderOf(this.open.current ?? "")): Promise<void> {
    const path = await this.askForPath("New file", folder ? `${folder}/new.py` : "new.py", "Create", (path) => refusal(path, this.files.paths()));
    if (path) this.put(path, "");
  }

  /** A file with this text, as if it had been written. */
  put(path: string, text: string, crlf = false, shown = true): void {
    this.act("file.created", { path, text, ...(crlf ? { line_separator: "\r\n" as const } : {}) });
    if (shown) this.open.show(path);
  }

  async rename(path = this.open.current): Promise<void> {
    if (!path || !this.files.has(path)) return;
    const to = await this.askForPath(`Rename ${fileName(path)}`, path, "Rename", (to) => (to === path ? null : refusal(to, this.pathsWithout(path))));
    if (to && to !== path) this.move([{ path, to }], `renaming ${path} to ${to}`);
  }

  /** Every file of a folder moves. The name that is asked for is a path, so that the folder may go elsewhere, too. */
  async renameFolder(folder: string): Promise<void> {
    const paths = this.files.paths();
    const count = within(paths, folder).length;
    const moves = (to: string): Move[] | string => folderMoves(paths, folder, to.replace(/\/+$/, ""));
    const to = await this.askForPath(`Rename ${fileName(folder)}`, folder, "Rename", (to) => {
      const found = moves(to);
      return typeof found === "string" ? found : null;
    }, `${counted(count, "file")} ${count === 1 ? "moves" : "move"}. Imports that name the folder stay as they are.`);
    const found = to === null ? [] : moves(to);
    if (to !== null && typeof found !== "string" && found.length) this.moveFolder(folder, to.replace(/\/+$/, ""), found);
  }

  /** A file or a folder is put into another folder ("" is the root of the project). */
  into(path: string, folder: string): void {
    const to = (folder ? `${folder}/` : "") + fileName(path);
    if (to === path || this.log.stopped || folder === path || folder.startsWith(`${path}/`)) return;
    const isFile = this.files.has(path);
    const moves = isFile ? inOrder(this.files.paths(), [{ path, to }]) : folderMoves(this.files.paths(), path, to);
    if (typeof moves === "string") void tell(`${fileName(path)} cannot move there`, moves);
    else if (isFile) this.move(moves, `moving ${path} to ${folder || "the root"}`);
    else this.moveFolder(path, to, moves);
  }

  async delete(path = this.open.current): Promise<void> {
    if (!path || !this.files.has(path) || this.log.stopped) return;
    if (await this.sure(`Delete ${fileName(path)}?`, `${path} disappears from the backend. The record keeps what it held.`, "Keep the file")) this.deleteAll([path], `deleting ${path}`);
  }

  async deleteFolder(folder: string): Promise<void> {
    const paths = within(this.files.paths(), folder);
    if (!paths.length || this.log.stopped) return;
    const lost = paths.filter((path) => !this.files.get(path)!.doc).length;
    const words = `${counted(paths.length, "file")} in ${folder} ${paths.length === 1 ? "disappears" : "disappear"} from the backend. The record keeps what ${paths.length === 1 ? "it" : "they"} held.`;
    const never = lost ? ` ${lost} of them ${lost === 1 ? "is" : "are"} not text and cannot be brought back here.` : "";
    if (await this.sure(`Delete the folder ${fileName(folder)}?`, words + never, "Keep the folder")) this.deleteAll(paths, `deleting ${folder}`);
  }

  /** What would be undone next, in words; null where there is nothing. */
  get undoable(): string | null {
    return this.done.at(-1)?.what ?? null;
  }

  /** The last renaming, moving or deleting is turned round: by further entries, for nothing leaves the log. */
  async undo(): Promise<void> {
    if (this.log.stopped) return;
    const last = this.done.pop();
    if (last) await last.undo();
    else this.on.hint("No file was renamed, moved or deleted since this page was opened.");
  }

  private moveFolder(folder: string, to: string, moves: Move[]): void {
    this.on.foldersMoved(folder, to);
    this.move(moves, `moving ${folder} to ${to || "the root"}`);
  }

  private move(moves: Move[], what: string): void {
    if (this.log.stopped) return;
    this.moveAll(moves);
    this.did(what, async () => {
      const back = inOrder(this.files.paths(), moves.filter(({ to }) => this.files.has(to)).map(({ path, to }) => ({ path: to, to: path })).reverse());
      if (typeof back === "string") return tell("That cannot be undone", back);
      this.moveAll(back);
      this.on.hint(`Undone: ${what}.`);
    });
  }

  private moveAll(moves: Move[]): void {
    for (const { path, to } of moves) this.open.renamed(path, to, () => this.act("file.renamed", { path, to }, false));
    this.on.drawFiles();
  }

  private deleteAll(paths: string[], what: string): void {
    const gone = paths.map((path): SessionFile => ({ ...this.files.get(path)! }));
    for (const path of paths) {
      this.open.gone(path);
      this.act("file.deleted", { path }, false);
    }
    this.on.drawFiles();
    this.did(what, async () => {
      for (const { path, doc, crlf } of gone) {
        if (!doc) continue;
        const refused = refusal(path, this.files.paths());
        if (refused) await tell(`${fileName(path)} cannot come back`, refused);
        else this.put(path, doc.toString(), crlf, false);
      }
      this.on.hint(`Undone: ${what}.`);
    });
  }

  private did(what: string, undo: () => Promise<void>): void {
    this.done.push({ what, undo });
    if (this.done.length > MOST_UNDONE) this.done.shift();
    this.on.hint(`Done: ${what}. Ctrl Z in the file tree undoes it.`);
  }

  private act<K extends "file.created" | "file.renamed" | "file.deleted">(kind: K, what: Kinds[K], drawn = true): void {
    if (this.log.stopped) return;
    this.files.apply({ seq: 0, at: 0, mono: 0, page: "", kind, ...what } as unknown as LogEvent);
    this.log.record(kind, what);
    if (drawn) this.on.drawFiles();
  }

  private pathsWithout(path: string): string[] {
    return this.files.paths().filter((own) => own !== path);
  }

  private async sure(title: string, words: string, keep: string): Promise<boolean> {
    const { choice } = await ask({
      title,
      words: [words],
      choices: [
        { value: "no", label: keep },
        { value: "yes", label: "Delete", look: "wa-danger" },
      ],
      escape: "no",
    });
    return choice === "yes";
  }

  private async askForPath(title: string, value: string, verb: string, check: (path: string) => string | null, hint?: string): Promise<string | null> {
    if (this.log.stopped) return null;
    const { choice, values } = await ask({
      title,
      words: [],
      fields: [{ name: "path", label: "Path from the root of the project", value, required: true, check, hint }],
      choices: [
        { value: "no", label: "Go on as it was" },
        { value: "yes", label: verb, look: "wa-brand" },
      ],
      escape: "no",
    });
    return choice === "yes" ? values.path! : null;
  }
}

/** The files that lie in a folder or below it. */
export function within(paths: Iterable<string>, folder: string): string[] {
  return [...paths].filter((path) => path.startsWith(`${folder}/`));
}
