/** A column of open files: its tabs, where the file lies, and the editor or why there is none. */
import { fileName, h, icon } from "./dom";
import { Editor, type Hears, type Shared } from "./editor";
import { MOST_COLOURED, MOST_EDITABLE } from "./documents";
import type { Files } from "./files";
import { Tabs } from "./tabs";

/** What a column is drawn into; the first one is in the page, the second is made. */
export interface Parts {
  column: HTMLElement;
  tabs: HTMLElement;
  crumbs: HTMLElement;
  large: HTMLElement;
  editor: HTMLElement;
  notText: HTMLElement;
}

export class Pane {
  current: string | null = null;
  readonly tabs: Tabs;
  readonly editor: Editor;

  constructor(
    readonly parts: Parts,
    private readonly files: Files,
    shared: Shared,
    hears: Hears,
    private readonly on: { show(path: string): void; close(path: string): void; active(): void },
  ) {
    this.editor = new Editor(parts.editor, shared, hears);
    this.tabs = new Tabs(parts.tabs, { show: (path) => this.on.show(path), close: (path) => this.on.close(path) });
    for (const event of ["focusin", "pointerdown"]) parts.column.addEventListener(event, () => this.on.active());
  }

  /** Bring a file onto the screen. */
  show(path: string): void {
    const file = this.files.get(path)!;
    this.current = path;
    this.tabs.show(path, (own) => this.files.isChanged(own));
    const text = file.doc !== null;
    this.parts.editor.hidden = !text;
    this.parts.notText.hidden = text;
    this.sayHowLarge(file.doc?.length ?? 0);
    if (file.doc) this.editor.show(path, file.doc);
    else {
      this.editor.hide();
      this.say(`${fileName(path)} is not text (${file.size.toLocaleString("en")} bytes). It can be renamed or deleted, and stays as it is otherwise.`);
    }
    this.drawCrumbs([]);
  }

  /** The tab goes; the path to show next, null where nothing is left. */
  close(path: string): string | null {
    const next = this.tabs.remove(path);
    this.editor.close(path);
    if (path !== this.current) return this.current;
    this.current = null;
    if (next) return next;
    this.parts.editor.hidden = true;
    this.parts.notText.hidden = false;
    this.say("No file is open. Choose one on the left, or press Ctrl P.");
    this.parts.crumbs.replaceChildren();
    this.draw();
    return null;
  }

  draw(): void {
    this.tabs.draw((path) => this.files.isChanged(path));
  }

  /** Folders, the file, then what the cursor is in; each leads somewhere. */
  drawCrumbs(within: string[]): void {
    const path = this.current;
    if (!path) return;
    const names = path.split("/");
    const face = [path, ...within].join("\n");
    if (this.parts.crumbs.dataset.face === face) return;
    this.parts.crumbs.dataset.face = face;
    const steps = [
      ...names.map((name, index) => ({ name, leads: index < names.length - 1 ? names.slice(0, index + 1).join("/") + "/" : path.slice(0, -name.length) })),
      ...within.map((name) => ({ name, leads: `@${name}` })),
    ];
    this.parts.crumbs.replaceChildren(
      ...steps.flatMap(({ name, leads }, index) => [
        ...(index ? [icon("right")] : []),
        h("button", { type: "button", class: "crumb", "data-leads": leads }, name),
      ]),
    );
  }

  private sayHowLarge(length: number): void {
    this.parts.large.hidden = length <= MOST_COLOURED;
    this.parts.large.querySelector("span")!.textContent =
      length > MOST_EDITABLE ? "This file is very large: it can be read here, but not changed." : "This file is large: it is shown without colours and without completion.";
  }

  private say(words: string): void {
    this.parts.notText.querySelector("p")!.textContent = words;
  }
}

/** The second column, made when the editor is split. */
export function newParts(): Parts {
  const tabs = h("div", { class: "tabs files" });
  const crumbs = h("div", { class: "crumbs" });
  const large = h("div", { class: "note large-file", hidden: true }, icon("info"), h("span", {}));
  const editor = h("div", { class: "editor", hidden: true });
  const notText = h("div", { class: "empty-state", hidden: true }, icon("file"), h("p", {}));
  return { column: h("div", { class: "column", id: "second-column" }, tabs, crumbs, large, editor, notText), tabs, crumbs, large, editor, notText };
}
