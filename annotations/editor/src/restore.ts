/** Restoring what was generated: a whole file, one run of lines, a file that was deleted. Each is an edit like any other. */
import { ask, tell } from "./dialogs";
import { counted, fileName, h } from "./dom";
import { MOST_EDITABLE } from "./documents";
import type { Files, SessionFile } from "./files";
import type { FileVerbs } from "./file_verbs";
import type { OpenFiles } from "./open_files";
import { hunkAt, restoringFile, restoringHunk } from "./restoring";
import { hunks } from "./changed_lines";
import type { SessionLog } from "./session_log";

const MOST_LINES_SHOWN = 12;

export class Restore {
  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly verbs: FileVerbs,
    private readonly log: SessionLog,
    private readonly originalOf: (path: string) => Promise<string>,
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

  /** A generated file that is gone comes back as a new file with the text it had. */
  async deleted(path: string): Promise<void> {
    const refused = this.files.refuses(path);
    if (refused) return tell(`${fileName(path)} cannot come back`, refused);
    const text = await this.originalOf(path).catch(() => null);
    if (text === null) return tell(`${fileName(path)} cannot come back`, "Its text could not be fetched, or it is not text.");
    this.verbs.put(path, text);
    this.log.record("restored", { path, what: "deleted" });
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
