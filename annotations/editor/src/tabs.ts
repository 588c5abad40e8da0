/** The strip of open files. */
import { fileName, folder, h, icon } from "./dom";

interface TabGroup extends HTMLElement {
  active: string;
}

export class Tabs {
  private open: string[] = [];
  private current: string | null = null;
  private silent = false;
  // On the page only while it has tabs: an empty wa-tab-group throws.
  private readonly group = h("wa-tab-group", { class: "tl", "aria-label": "Open files" }) as TabGroup;

  constructor(
    private readonly place: HTMLElement,
    private readonly on: { show(path: string): void; close(path: string): void },
  ) {
    const group = this.group;
    group.addEventListener("wa-tab-show", (event) => {
      const { name } = (event as CustomEvent<{ name: string }>).detail;
      if (!this.silent && name !== this.current) this.on.show(name);
    });
    group.addEventListener("click", (event) => {
      const cross = (event.target as Element).closest("[data-close]");
      if (!cross) return;
      event.preventDefault();
      event.stopPropagation();
      this.on.close(cross.closest<HTMLElement>("wa-tab")!.getAttribute("panel")!);
    }, true);
    group.addEventListener("auxclick", (event) => {
      const tab = (event.target as Element).closest("wa-tab");
      if (event.button === 1 && tab) this.on.close(tab.getAttribute("panel")!);
    });
    group.addEventListener("keydown", (event) => {
      const tab = (event.target as Element).closest("wa-tab");
      if (event.key === "Delete" && tab) this.on.close(tab.getAttribute("panel")!);
    });
  }

  get paths(): readonly string[] {
    return this.open;
  }

  /** Show a path's tab, adding it where it is new. True where it is new. */
  show(path: string, isChanged: (path: string) => boolean): boolean {
    const fresh = !this.open.includes(path);
    if (fresh) this.open.push(path);
    this.current = path;
    this.draw(isChanged);
    return fresh;
  }

  /** Remove a path; the neighbour to show next, if any. */
  remove(path: string): string | null {
    const at = this.open.indexOf(path);
    if (at < 0) return this.current;
    this.open.splice(at, 1);
    if (this.current === path) this.current = null;
    return this.current ?? this.open[Math.min(at, this.open.length - 1)] ?? null;
  }

  rename(from: string, to: string): void {
    this.open = this.open.map((path) => (path === from ? to : path));
    if (this.current === from) this.current = to;
  }

  draw(isChanged: (path: string) => boolean): void {
    this.silent = true;
    const names = this.open.map(fileName);
    const existing = new Map([...this.group.querySelectorAll("wa-tab")].map((tab) => [tab.getAttribute("panel")!, tab]));
    for (const [path, tab] of existing) if (!this.open.includes(path)) tab.remove();
    this.open.forEach((path, index) => {
      const twin = names.indexOf(names[index]!) !== names.lastIndexOf(names[index]!);
      const changed = isChanged(path);
      const tab = existing.get(path) ?? h("wa-tab", { panel: path });
      const face = `${twin} ${changed}`;
      if (tab.getAttribute("data-face") !== face) {
        tab.setAttribute("data-face", face);
        tab.setAttribute("title", path);
        tab.replaceChildren(
          h("span", { class: "one-line" }, names[index]!),
          ...(twin ? [" ", h("span", { class: "quiet xs" }, fileName(folder(path)) || "/")] : []),
          ...(changed ? [" ", h("span", { class: "mod" }, "M", h("span", { class: "sr" }, "odified"))] : []),
          h("span", { class: "cross", "data-close": true, "aria-hidden": "true" }, icon("x", "i-s")),
        );
      }
      if (!existing.has(path)) this.group.append(tab);
    });
    if (!this.open.length) this.group.remove();
    else if (!this.group.isConnected) this.place.prepend(this.group);
    if (this.current) this.group.active = this.current;
    // The group learns of a new tab asynchronously, and overlooks a name that it did not know yet.
    setTimeout(() => {
      const tab = [...this.group.querySelectorAll<HTMLElement & { active: boolean }>("wa-tab")].find((one) => one.getAttribute("panel") === this.current);
      if (tab && !tab.active) tab.click();
      this.silent = false;
    }, 50);
  }
}
