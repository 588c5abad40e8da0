/** Creating, renaming and deleting files: each is asked for, done and recorded. */
import { ask } from "./dialogs";
import { fileName } from "./dom";
import type { Kinds, LogEvent } from "./events";
import type { Files } from "./files";
import type { OpenFiles } from "./open_files";
import type { SessionLog } from "./session_log";

export class FileVerbs {
  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly log: SessionLog,
    private readonly drawFiles: () => void,
  ) {}

  async create(): Promise<void> {
    const current = this.open.current;
    const folder = current?.includes("/") ? current.slice(0, current.lastIndexOf("/") + 1) : "";
    const path = await this.askForPath("New file", folder + "new.py", "Create");
    if (path) this.put(path, "");
  }

  /** A file with this text, as if it had been written. */
  put(path: string, text: string): void {
    this.act("file.created", { path, text });
    this.open.show(path);
  }

  async rename(path = this.open.current): Promise<void> {
    if (!path) return;
    const to = await this.askForPath(`Rename ${fileName(path)}`, path, "Rename");
    if (!to || to === path) return;
    this.open.renamed(path, to, () => this.act("file.renamed", { path, to }));
  }

  async delete(path = this.open.current): Promise<void> {
    if (!path || this.log.stopped) return;
    const { choice } = await ask({
      title: `Delete ${fileName(path)}?`,
      words: [`${path} disappears from the backend. The record keeps what it held.`],
      choices: [
        { value: "no", label: "Keep the file" },
        { value: "yes", label: "Delete", look: "wa-danger" },
      ],
      escape: "no",
    });
    if (choice !== "yes") return;
    this.open.close(path);
    this.act("file.deleted", { path });
  }

  private act<K extends "file.created" | "file.renamed" | "file.deleted">(kind: K, what: Kinds[K]): void {
    if (this.log.stopped) return;
    this.files.apply({ seq: 0, at: 0, mono: 0, page: "", kind, ...what } as unknown as LogEvent);
    this.log.record(kind, what);
    this.drawFiles();
  }

  private async askForPath(title: string, value: string, verb: string): Promise<string | null> {
    if (this.log.stopped) return null;
    const { choice, values } = await ask({
      title,
      words: [],
      fields: [{ name: "path", label: "Path from the root of the project", value, required: true, check: (path) => (path === value && verb === "Rename" ? null : this.files.refuses(path)) }],
      choices: [
        { value: "no", label: "Go on as it was" },
        { value: "yes", label: verb, look: "wa-brand" },
      ],
      escape: "no",
    });
    return choice === "yes" ? values.path! : null;
  }
}
