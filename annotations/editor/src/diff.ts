/** Compare: every changed file, generated against now, in a dialog that fills the window. */
import { DiffPane } from "./diff_pane";
import { byId, fragment, h, icon, remembered } from "./dom";
import type { Session } from "./session";

type Mode = "side" | "inline";

export class Compare {
  private readonly dialog = byId("compare") as HTMLDialogElement;
  private readonly list = byId("compare-files");
  private readonly place = byId("compare-diff");
  private readonly pane: DiffPane;
  private mode: Mode = remembered.get("diff") === "inline" ? "inline" : "side";
  private ignoreWhitespace = remembered.get("diff.whitespace") === "ignore";
  private path: string | null = null;
  private asked = 0;

  constructor(
    private readonly session: Session,
    private readonly on: { opened(path: string): void; flush(): Promise<void>; edit(path: string): void },
  ) {
    byId("compare-close").addEventListener("click", () => this.dialog.close());
    byId("compare-edit").addEventListener("click", () => {
      this.dialog.close();
      if (this.path) this.on.edit(this.path);
    });
    for (const button of this.dialog.querySelectorAll<HTMLElement>("[data-mode]"))
      button.addEventListener("click", () => {
        this.mode = button.dataset.mode as Mode;
        remembered.set("diff", this.mode);
        this.redraw();
      });
    byId("compare-whitespace").addEventListener("click", () => {
      this.ignoreWhitespace = !this.ignoreWhitespace;
      remembered.set("diff.whitespace", this.ignoreWhitespace ? "ignore" : "");
      this.redraw();
    });
    byId("compare-wrap").addEventListener("click", () => {
      this.pane.wrap(!this.pane.wrapped);
      this.drawMode();
    });
    this.pane = new DiffPane(this.place, {
      rows: (asked) => this.session.diffRows(this.path ?? "", this.query(), asked),
      hunk: (number, of) => (byId("compare-hunk").textContent = of ? `Change ${number} of ${of}` : "No change"),
      linked: ({ side, line }) => this.link(`#${side}${line}`),
    });
    this.list.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLElement>("[data-file]");
      if (!link) return;
      event.preventDefault();
      void this.show(link.dataset.file!);
    });
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.drawMode();
  }

  async open(changed: string[], start: string | null): Promise<void> {
    byId("compare-count").textContent = `${changed.length} changed ${changed.length === 1 ? "file" : "files"}`;
    this.list.replaceChildren(...changed.map((path) => h("a", { href: "#", "data-file": path }, icon("file", "i-s quiet"), h("span", {}, path))));
    this.dialog.showModal();
    const first = start && changed.includes(start) ? start : changed[0];
    if (first) await this.show(first);
    else this.place.replaceChildren(h("div", { class: "empty-state" }, icon("file"), h("h2", {}, "Nothing changed yet"), h("p", {}, "What you change appears here, against the code as it was generated.")));
  }

  private async show(path: string): Promise<void> {
    const asked = ++this.asked;
    this.path = path;
    this.on.opened(path);
    for (const link of this.list.querySelectorAll<HTMLElement>("[data-file]")) {
      if (link.dataset.file === path) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    byId("compare-path").textContent = path;
    this.place.setAttribute("aria-busy", "true");
    try {
      await this.on.flush().catch(() => undefined);
      const html = await this.session.diff(path, this.query());
      if (asked === this.asked) this.place.replaceChildren(fragment(html));
    } catch {
      if (asked === this.asked)
        this.place.replaceChildren(
          h("div", { class: "empty-state" }, icon("offline"), h("h2", {}, "The comparison could not be fetched"), h("p", {}, "Your edits are safe. Try again when the connection is back."), h("button", { class: "wa-outlined", type: "button", click: () => void this.show(path) }, "Try again")),
        );
    }
    this.place.removeAttribute("aria-busy");
    this.place.scrollTop = 0;
    this.pane.drawn();
    this.link("");
  }

  private query(): string {
    return `mode=${this.mode}${this.ignoreWhitespace ? "&whitespace=ignore" : ""}`;
  }

  /** The same comparison as a page of its own, between any two states of the session. */
  private link(line: string): void {
    (byId("compare-page") as HTMLAnchorElement).href = `${this.session.base}compare/?${this.query()}&path=${encodeURIComponent(this.path ?? "")}${line}`;
  }

  private redraw(): void {
    this.drawMode();
    if (this.path) void this.show(this.path);
  }

  private drawMode(): void {
    for (const button of this.dialog.querySelectorAll<HTMLElement>("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === this.mode));
    byId("compare-whitespace").setAttribute("aria-pressed", String(this.ignoreWhitespace));
    byId("compare-wrap").setAttribute("aria-pressed", String(this.pane.wrapped));
  }

  /** N and P walk the changed places. */
  private onKey(event: KeyboardEvent): void {
    if (!["n", "p"].includes(event.key) || event.ctrlKey || event.metaKey) return;
    this.pane.step(event.key === "n" ? 1 : -1);
  }
}
