/** Restoring what was generated: a whole file, one run of lines, a file that was deleted. Each is an edit like any other. */
import { ask, tell } from "./dialogs";
import { counted, fileName, h } from "./dom";
import { MOST_EDITABLE } from "./documents";
import type { Files, SessionFile } from "./files";
import type { OpenFiles } from "./open_files";
import { refusal } from "./paths";
import { hunkAt, restoringFile, restoringHunk } from "./restoring";
import { hunks } from "./changed_lines";
import type { SessionLog } from "./session_log";

const MOST_LINES_SHOWN = 12;

export class Restore {
  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly put: (path: string, text: string, crlf: boolean, shown: boolean) => void,
    private readonly log: SessionLog,
    private readonly originalOf: (path: string) => Promise<{ text: string; crlf: boolean }>,
  ) {}

  async file(path = this.open.current): Promise<void> {
    const file = await this.restorable(path);
    if (!file) return;
    const runs = hunks(file.original, file.doc);
    if (!runs.length) return tell("Nothing to restore", `${file.path} is as it was generated.`);
    const { choice } = await ask({
      title: `Restore ${fileName(file.path)}?`,
      words: [`${counted(runs.length, "run")} of changed lines become what was generated. It is recorded, and can be undone.`],
      choices: [
        { value: "no", label: "Keep my changes" },
        { value: "yes", label: "Restore the file", look: "wa-danger" },
      ],
      escape: "no",
    });
    if (choice === "yes" && this.open.change(file.path, restoringFile(file.original, file.doc), "restore.file")) this.log.record("restored", { path: file.path, what: "file" });
  }

  /** The run of changed lines at a line of the file in use (the cursor's where none is said). */
  async hunk(line = this.open.cursorLine, path = this.open.current): Promise<void> {
    const file = await this.restorable(path);
    if (!file) return;
    const hunk = hunkAt(file.original, file.doc, line);
    if (!hunk) return tell("Nothing to restore here", `Line ${line} is as it was generated. Changed lines have a bar beside their number.`);
    const was = Array.from({ length: hunk.toA - hunk.fromA }, (_, index) => file.original.line(hunk.fromA + index + 1).text);
    const count = hunk.toB - hunk.fromB;
    const { choice } = await ask({
      title: count === 0 ? `Bring ${counted(was.length, "deleted line")} back?` : `Restore ${count === 1 ? `line ${hunk.fromB + 1}` : `lines ${hunk.fromB + 1} to ${hunk.toB}`}?`,
      words: was.length ? ["It was generated as:", h("pre", { class: "was", tabindex: "0" }, was.slice(0, MOST_LINES_SHOWN).join("\n") + (was.length > MOST_LINES_SHOWN ? "\n…" : ""))] : ["These lines were not generated: they go."],
      choices: [
        { value: "no", label: "Keep my change" },
        { value: "yes", label: "Restore these lines", look: "wa-brand" },
      ],
      escape: "no",
    });
    if (choice === "yes" && this.open.change(file.path, restoringHunk(file.original, file.doc, hunk), "restore.hunk")) this.log.record("restored", { path: file.path, what: "hunk" });
  }

  /** Generated files that are gone come back as new files with the text and the line ends they had. */
  async deleted(paths: string[]): Promise<void> {
    const missing: string[] = [];
    for (const path of paths) {
      const refused = refusal(path, this.files.paths());
      const was = refused ? null : await this.originalOf(path).catch(() => null);
      if (was === null) {
        missing.push(`${path}: ${refused ?? "its text could not be fetched, or it is not text."}`);
        continue;
      }
      this.files.knowGenerated(path, was.text, was.crlf);
      this.put(path, was.text, was.crlf, paths.length === 1);
      this.log.record("restored", { path, what: "deleted" });
    }
    if (missing.length) await tell(paths.length === 1 ? `${fileName(paths[0]!)} cannot come back` : `${counted(missing.length, "file")} cannot come back`, ...missing);
  }

  private async restorable(path: string | null): Promise<(SessionFile & { original: NonNullable<SessionFile["original"]>; doc: NonNullable<SessionFile["doc"]> }) | null> {
    const file = path === null || this.log.stopped ? undefined : this.files.get(path);
    if (!file) return null;
    const why = !file.doc
      ? "It is not text."
      : !file.generated || !file.original
        ? "It was not generated, so there is nothing to go back to."
        : file.doc.length > MOST_EDITABLE
          ? "It is too large to be changed here."
          : null;
    if (why === null) return file as SessionFile & { original: NonNullable<SessionFile["original"]>; doc: NonNullable<SessionFile["doc"]> };
    await tell(`${fileName(file.path)} cannot be restored`, why);
    return null;
  }
}
