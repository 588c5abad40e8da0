/** The files that are open, in one column or two, and where to go in them and back. */
import type { ChangeSet, Text } from "@codemirror/state";
import type { Place } from "./checks";
import { byId, h, icon, remembered } from "./dom";
import type { Shared } from "./editor";
import type { Files } from "./files";
import { languageName } from "./languages";
import { newParts, Pane, type Parts } from "./pane";
import type { SessionLog } from "./session_log";

const LIKELY_FIRST = /(^|\/)(main|app|index|server|views|[aw]sgi|run)\.\w+$/;
const MOST_BACK = 50;

/** The open files of a column, and which of them is on screen. */
interface Column {
  paths: string[];
  current: string | null;
}

export class OpenFiles {
  private readonly panes: Pane[];
  private active: Pane;
  private readonly back: { path: string; line: number; column: number }[] = [];
  private readonly key: string;

  constructor(
    sessionId: number,
    private readonly files: Files,
    private readonly log: SessionLog,
    private readonly shared: Shared,
    private readonly on: { shown(path: string): void; moved(path: string, line: number): void; leads(where: string): void },
  ) {
    this.key = `session.${sessionId}.tabs`;
    this.active = this.pane({
      column: byId("column"),
      tabs: byId("tabs"),
      crumbs: byId("crumbs"),
      large: byId("large-file"),
      editor: byId("editor"),
      notText: byId("not-text"),
    });
    this.panes = [this.active];
    byId("split").addEventListener("click", () => this.split());
    byId("columns").addEventListener("click", (event) => {
      const leads = (event.target as Element).closest<HTMLElement>("[data-leads]")?.dataset.leads;
      if (leads !== undefined) this.on.leads(leads);
    });
  }

  get current(): string | null {
    return this.active.current;
  }

  get cursorLine(): number {
    return this.active.editor.cursor.line;
  }

  /** The editor in use, where one is on screen. */
  get editor(): Pane["editor"] {
    return this.active.editor;
  }

  /** What was open the last time, in one column or two, else `failing` at the line of its cause, else the file a program begins with. */
  firstView(failing: string | undefined): void {
    const [kept, second] = this.kept();
    const paths = this.files.paths();
    const first = kept?.current ?? failing ?? paths.find((path) => LIKELY_FIRST.test(path)) ?? paths[0];
    if (first) this.showAll({ paths: kept?.paths ?? [], current: first }, this.panes[0]!);
    const cause = first && !kept?.current ? this.shared.marks.get(first)?.find(({ is }) => is === "failure") : undefined;
    if (cause && this.files.get(first!)?.doc) this.active.editor.goTo(cause.line);
    if (!second?.current) return;
    this.split(second);
    this.active = this.panes[0]!;
    if (first) this.on.shown(first);
  }

  /** The open files of each column the last time, as far as they are still there. */
  private kept(): Column[] {
    const kept: unknown = JSON.parse(remembered.get(this.key) ?? "[]");
    const columns = Array.isArray(kept) && kept.every((one) => Array.isArray((one as Column | null)?.paths)) ? (kept as Column[]) : [];
    return columns.map(({ paths, current }) => {
      const there = paths.filter((path) => this.files.has(path));
      return { paths: there, current: current !== null && this.files.has(current) ? current : (there.at(-1) ?? null) };
    });
  }

  private showAll({ paths, current }: Column, pane: Pane): void {
    for (const path of paths) pane.tabs.show(path, (own) => this.files.isChanged(own));
    if (current) this.show(current, false, pane);
  }

  show(path: string, focus = true, pane = this.active): void {
    const file = this.files.get(path);
    this.active = pane;
    if (!file || (path === pane.current && focus)) {
      if (file?.doc) pane.editor.focus();
      return;
    }
    pane.show(path);
    this.on.shown(path);
    this.log.record("file.opened", { path });
    byId("language").textContent = languageName(path);
    byId("indentation").textContent = file.crlf ? "CRLF" : "LF";
    if (file.doc && focus) pane.editor.focus();
    this.remember();
  }

  /** Close a file in one column, or wherever it is open. */
  close(path: string, panes: readonly Pane[] = [...this.panes]): void {
    for (const pane of panes) {
      if (!pane.tabs.paths.includes(path)) continue;
      const shown = pane.current;
      const next = pane.close(path);
      if (next === null && pane !== this.panes[0]) this.endSplit();
      else if (next && next !== shown) this.show(next, true, pane);
    }
    if (this.files.has(path) && !this.panes.some((pane) => pane.tabs.paths.includes(path))) this.log.record("file.closed", { path });
    this.draw();
    this.remember();
  }

  /** The file on screen, in the column in use. */
  closeCurrent(): void {
    if (this.current) this.close(this.current, [this.active]);
  }

  /** A file is deleted: it is nowhere open any more, and nothing of it is kept. */
  gone(path: string): void {
    this.close(path);
    this.shared.documents.forget(path);
    this.shared.languages.delete(path);
    this.shared.marks.delete(path);
  }

  /** Two columns with the file of the first in both (or with these in the second), or one again. */
  split(column?: Column): void {
    if (this.panes.length > 1) return this.endSplit();
    const path = this.current;
    const parts = newParts();
    parts.tabs.append(h("span", { class: "push row tools" }, h("button", { type: "button", class: "icon wa-plain", "aria-label": "Close this column", click: () => this.endSplit() }, icon("x", "i-s"))));
    byId("columns").append(parts.column);
    const second = this.pane(parts);
    this.panes.push(second);
    this.log.record("split", { columns: 2 });
    if (column) this.showAll(column, second);
    else if (path) this.show(path, true, second);
  }

  private endSplit(): void {
    const second = this.panes[1];
    if (!second) return;
    this.panes.pop();
    second.editor.end();
    second.parts.column.remove();
    this.active = this.panes[0]!;
    this.log.record("split", { columns: 1 });
    if (this.current) this.on.shown(this.current);
    this.active.editor.focus();
    this.remember();
  }

  /** The other column. */
  other(): void {
    const next = this.panes.find((pane) => pane !== this.active);
    if (next) (this.active = next).editor.focus();
  }

  /** `act` gives the file its new path in the files and in the log; afterwards it is shown under it. */
  renamed(path: string, to: string, act: () => void): void {
    this.shared.documents.renamed(path, to);
    this.shared.languages.delete(path);
    const marks = this.shared.marks.get(path);
    this.shared.marks.delete(path);
    if (marks) this.shared.marks.set(to, marks);
    for (const place of this.back) if (place.path === path) place.path = to;
    for (const pane of this.panes) {
      pane.tabs.rename(path, to);
      pane.editor.renamed(path, to);
    }
    act();
    const { active } = this;
    for (const pane of this.panes) {
      if (pane.current !== path) continue;
      pane.current = null;
      this.show(to, pane === active, pane);
    }
    this.active = active;
    this.draw();
    this.remember();
  }

  /** Change a file by program; heard and undone like typing. False where the document would become too large. */
  change(path: string, changes: ChangeSet, user: string): boolean {
    const doc = this.files.get(path)!.doc!;
    return this.shared.documents.change(path, changes, user, () => this.active.editor.fresh(path, doc));
  }

  docOf(path: string): Text | null {
    return this.files.get(path)?.doc ?? null;
  }

  draw(): void {
    for (const pane of this.panes) pane.draw();
  }

  /** The lock, the marks or the keys have changed. */
  refresh(): void {
    for (const pane of this.panes) pane.editor.refresh();
  }

  drawCrumbs(within: string[]): void {
    this.active.drawCrumbs(within);
  }

  goTo(place: Place, recorded = false): void {
    const path = this.resolve(place.path);
    if (!path) return;
    if (recorded) this.log.record("finding.opened", { path, line: place.line });
    byId<HTMLDialogElement>("compare").close();
    this.jump(path, place.line);
  }

  /** Show a line of a file; `goBack` leads back to where one was. */
  jump(path: string, line: number, column = 0): void {
    if (this.current) {
      this.back.push({ path: this.current, ...this.active.editor.cursor });
      if (this.back.length > MOST_BACK) this.back.shift();
    }
    this.show(path);
    if (this.files.get(path)?.doc) this.active.editor.goTo(line, column);
  }

  /** Where one was before the last jump. */
  goBack(): void {
    const place = this.back.pop();
    if (!place || !this.files.has(place.path)) return;
    this.show(place.path);
    if (this.files.get(place.path)!.doc) this.active.editor.goTo(place.line, place.column);
  }

  /** A path as the log or a linter says it: exact, or the only file that ends like it. */
  resolve(path: string): string | null {
    const clean = this.files.whereIs(path.replace(/^\.?\//, ""));
    if (this.files.has(clean)) return clean;
    const ending = this.files.paths().filter((own) => own.endsWith("/" + clean) || clean.endsWith("/" + own));
    return ending.length === 1 ? ending[0]! : null;
  }

  private pane(parts: Parts): Pane {
    const pane: Pane = new Pane(
      parts,
      this.files,
      this.shared,
      {
        selected: (path, head) => this.log.record("selected", { path, head }),
        scrolled: (path, line) => this.log.record("scrolled", { path, line }),
        moved: (path, line, column) => {
          if (pane !== this.active) return;
          byId("position").textContent = `Ln ${line}, Col ${column}`;
          this.on.moved(path, line);
        },
      },
      {
        show: (path) => this.show(path, true, pane),
        close: (path) => this.close(path, [pane]),
        active: () => {
          if (this.active === pane) return;
          this.active = pane;
          if (pane.current) this.on.shown(pane.current);
        },
      },
    );
    return pane;
  }

  private remember(): void {
    remembered.set(this.key, JSON.stringify(this.panes.map(({ tabs, current }): Column => ({ paths: [...tabs.paths], current }))));
  }
}
