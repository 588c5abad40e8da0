/** The file tree: folders first, with M for changed files and the numbers of failures and findings in a file. */
import { byCodeUnits } from "./files";
import { fileName, h } from "./dom";

interface TreeItem extends HTMLElement {
  expanded: boolean;
  selected: boolean;
}
interface Folder {
  folders: Map<string, Folder>;
  files: string[];
}

/** What can be done with a file or a folder of the tree. */
export interface TreeActs {
  open(path: string): void;
  rename(path: string): void;
  renameFolder(folder: string): void;
  remove(path: string): void;
  removeFolder(folder: string): void;
  /** Put a file or a folder into another folder ("": the root). */
  into(path: string, folder: string): void;
  undo(): void;
  /** Show what can be done with it, at this place of the window. */
  menu(at: { file?: string; folder?: string }, x: number, y: number): void;
}

const MOST_UNFOLDED = 60;

export class Tree {
  private readonly items = new Map<string, TreeItem>();
  private folded = new Set<string>();
  private drawn = "";
  private current: string | null = null;

  constructor(
    private readonly tree: HTMLElement,
    on: TreeActs,
  ) {
    this.listenForKeys(on);
    void import("./tree_dragging").then(({ listenForDragging }) => listenForDragging(tree, on.into));
    tree.addEventListener("contextmenu", (event) => {
      const item = itemOf(event);
      if (!item) return;
      event.preventDefault();
      const box = item.getBoundingClientRect();
      // Asked for by key there is no place of the pointer.
      on.menu({ file: item.dataset.path, folder: item.dataset.folder }, event.clientX || box.left + 24, event.clientY || box.top + 24);
    });
    tree.addEventListener("wa-selection-change", (event) => {
      const [item] = (event as unknown as CustomEvent<{ selection: TreeItem[] }>).detail.selection;
      const path = item?.dataset.path;
      if (path !== undefined && path !== this.current) on.open(path);
    });
    for (const [name, folds] of [["wa-collapse", true], ["wa-expand", false]] as const)
      tree.addEventListener(name, (event) => {
        const folder = (event.target as HTMLElement).dataset.folder;
        if (folder === undefined) return;
        if (folds) this.folded.add(folder);
        else this.folded.delete(folder);
      });
  }

  /** Draw the files with their marks. Rebuilds only where paths came or went. */
  draw(paths: string[], isChanged: (path: string) => boolean, failures: (path: string) => number, findings: (path: string) => number): void {
    const key = paths.join("\n");
    if (key !== this.drawn) {
      const first = this.drawn === "";
      this.drawn = key;
      this.rebuild(paths, first);
    }
    for (const path of paths) this.mark(path, isChanged(path), failures(path), findings(path));
    this.select(this.current);
  }

  select(path: string | null): void {
    this.current = path;
    for (const [own, item] of this.items) if (item.selected !== (own === path)) item.selected = own === path;
    const item = path === null ? undefined : this.items.get(path);
    if (item) for (let up = item.parentElement; up instanceof HTMLElement && up !== this.tree; up = up.parentElement) (up as TreeItem).expanded = true;
    item?.scrollIntoView({ block: "nearest" });
  }

  /** A folder goes by another name: what lies in it stays folded as it is. */
  foldersMoved(from: string, to: string): void {
    for (const folder of [...this.folded]) {
      if (folder !== from && !folder.startsWith(`${from}/`)) continue;
      this.folded.delete(folder);
      this.folded.add(to + folder.slice(from.length));
    }
  }

  private listenForKeys(on: TreeActs): void {
    this.tree.addEventListener("keydown", (event) => {
      const { path, folder } = (event.target as HTMLElement).dataset;
      const undoes = (event.ctrlKey || event.metaKey) && event.key === "z";
      if (!undoes && (event.ctrlKey || event.metaKey || event.altKey)) return;
      const file = { F2: on.rename, Delete: on.remove }[event.key];
      const whole = { F2: on.renameFolder, Delete: on.removeFolder }[event.key];
      if (undoes) on.undo();
      else if (path !== undefined && file) file(path);
      else if (folder !== undefined && whole) whole(folder);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  private rebuild(paths: string[], first: boolean): void {
    const hadFocus = this.tree.contains(document.activeElement);
    this.items.clear();
    const root: Folder = { folders: new Map(), files: [] };
    for (const path of paths) {
      const steps = path.split("/").slice(0, -1);
      let at = root;
      for (const step of steps) {
        if (!at.folders.has(step)) at.folders.set(step, { folders: new Map(), files: [] });
        at = at.folders.get(step)!;
      }
      at.files.push(path);
    }
    const folders: TreeItem[] = [];
    this.tree.replaceChildren(...this.children(root, "", folders));
    if (first && paths.length > MOST_UNFOLDED) this.folded = new Set(folders.map((item) => item.dataset.folder!));
    // A nested item loses `expanded` while it is upgraded: say it again afterwards.
    const expand = (): void => folders.forEach((item) => (item.expanded = !this.folded.has(item.dataset.folder!)));
    expand();
    setTimeout(() => {
      expand();
      if (hadFocus && document.activeElement === document.body) (this.items.get(this.current ?? "") ?? this.tree).focus();
    });
  }

  private children(folder: Folder, prefix: string, folders: TreeItem[]): TreeItem[] {
    const items: TreeItem[] = [];
    for (const name of [...folder.folders.keys()].sort(byCodeUnits)) {
      const path = prefix + name;
      const item = h("wa-tree-item", { "data-folder": path, draggable: "true" }, h("span", { class: "one-line", title: name }, name)) as TreeItem;
      folders.push(item);
      item.append(...this.children(folder.folders.get(name)!, path + "/", folders));
      items.push(item);
    }
    for (const path of folder.files) {
      const item = h("wa-tree-item", { "data-path": path, draggable: "true" }, h("span", { class: "one-line", title: fileName(path) }, fileName(path)), h("span", { class: "push row gap-1" })) as TreeItem;
      this.items.set(path, item);
      items.push(item);
    }
    return items;
  }

  private mark(path: string, changed: boolean, failures: number, findings: number): void {
    const place = this.items.get(path)?.querySelector(".push");
    const face = `${failures} ${findings} ${changed}`;
    if (!place || place.getAttribute("data-face") === face) return;
    place.setAttribute("data-face", face);
    place.replaceChildren(
      ...(failures ? [h("span", { class: "bad" }, String(failures), h("span", { class: "sr" }, failures === 1 ? " failed check points here" : " failed checks point here"))] : []),
      ...(findings ? [h("span", { class: "warned" }, String(findings), h("span", { class: "sr" }, findings === 1 ? " finding" : " findings"))] : []),
      ...(changed ? [h("span", { class: "mod" }, "M", h("span", { class: "sr" }, "odified"))] : []),
    );
  }
}

function itemOf(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>("wa-tree-item");
}
