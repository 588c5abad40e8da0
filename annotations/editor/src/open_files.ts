/** The files that are open: tabs, the editor or why there is none, path and language, and where to go in them. */
import type { Place } from "./checks";
import { byId, fileName, icon, remembered } from "./dom";
import { type Editor, MOST_EDITABLE } from "./editor";
import type { Files } from "./files";
import { languageName } from "./languages";
import type { SessionLog } from "./session_log";
import { Tabs } from "./tabs";

const LIKELY_FIRST = /(^|\/)(main|app|index|server|views)\.\w+$/;

export class OpenFiles {
  current: string | null = null;
  private readonly tabs: Tabs;
  private readonly key: string;

  constructor(
    sessionId: number,
    private readonly files: Files,
    private readonly log: SessionLog,
    private readonly editor: Editor,
    private readonly on: { shown(path: string): void },
  ) {
    this.key = `session.${sessionId}.tabs`;
    this.tabs = new Tabs(byId("tabs"), { show: (path) => this.show(path), close: (path) => this.close(path) });
  }

  /** What was open the last time, else `failing`, else the file a program begins with. */
  firstView(failing: string | undefined): void {
    const kept = (JSON.parse(remembered.get(this.key) ?? "[]") as string[]).filter((path) => this.files.has(path));
    const paths = this.files.paths();
    const first = kept.at(-1) ?? failing ?? paths.find((path) => LIKELY_FIRST.test(path)) ?? paths[0];
    for (const path of kept.slice(0, -1)) this.tabs.show(path, (own) => this.files.isChanged(own));
    if (first) this.show(first, false);
  }

  show(path: string, focus = true): void {
    const file = this.files.get(path);
    if (!file || (path === this.current && focus)) {
      if (file?.doc) this.editor.focus();
      return;
    }
    this.current = path;
    this.tabs.show(path, (own) => this.files.isChanged(own));
    this.on.shown(path);
    this.log.record("file.opened", { path });
    const text = file.doc !== null;
    byId("editor").hidden = !text;
    byId("not-text").hidden = text;
    byId("large-file").hidden = !text || file.doc!.length <= MOST_EDITABLE;
    if (file.doc) this.editor.show(path, file.doc);
    else {
      this.editor.hide();
      byId("not-text-words").textContent = `${fileName(path)} is not text (${file.size.toLocaleString("en")} bytes). It can be renamed or deleted, and stays as it is otherwise.`;
    }
    byId("crumbs").replaceChildren(...path.split("/").flatMap((part, index) => (index ? [icon("right"), part] : [part])));
    byId("language").textContent = languageName(path);
    byId("indentation").textContent = file.crlf ? "CRLF" : "LF";
    if (text && focus) this.editor.focus();
    this.remember();
  }

  close(path: string): void {
    const next = this.tabs.remove(path);
    this.editor.close(path);
    if (this.files.has(path)) this.log.record("file.closed", { path });
    if (path === this.current) {
      this.current = null;
      if (next) this.show(next);
      else {
        byId("editor").hidden = true;
        byId("not-text").hidden = false;
        byId("not-text-words").textContent = "No file is open. Choose one on the left, or press Ctrl P.";
        byId("crumbs").replaceChildren();
      }
    }
    this.draw();
    this.remember();
  }

  /** `act` gives the file its new path in the files and in the log; afterwards it is shown under it. */
  renamed(path: string, to: string, act: () => void): void {
    this.editor.renamed(path, to);
    this.tabs.rename(path, to);
    this.current = to;
    act();
    this.current = null;
    this.show(to);
  }

  draw(): void {
    this.tabs.draw((path) => this.files.isChanged(path));
  }

  goTo(place: Place, recorded = false): void {
    const path = this.resolve(place.path);
    if (!path) return;
    if (recorded) this.log.record("finding.opened", { path, line: place.line });
    byId<HTMLDialogElement>("compare").close();
    this.show(path);
    if (this.files.get(path)!.doc) this.editor.goTo(place.line);
  }

  /** A path as the log or a linter says it: exact, or the only file that ends like it. */
  resolve(path: string): string | null {
    const clean = path.replace(/^\.?\//, "");
    if (this.files.has(clean)) return clean;
    const ending = this.files.paths().filter((own) => own.endsWith("/" + clean) || clean.endsWith("/" + own));
    return ending.length === 1 ? ending[0]! : null;
  }

  private remember(): void {
    const others = this.tabs.paths.filter((path) => path !== this.current);
    remembered.set(this.key, JSON.stringify(this.current ? [...others, this.current] : others));
  }
}
