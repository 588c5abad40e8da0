/** A file or folder of the tree is dragged into a folder, or beside a file; with the keyboard, renaming asks for a whole path. */

const DRAGGED = "text/x-amend-path";

export function listenForDragging(tree: HTMLElement, into: (path: string, folder: string) => void): void {
  let over: HTMLElement | null = null;
  const mark = (item: HTMLElement | null): void => {
    over?.classList.remove("drop-here");
    over = item;
    over?.classList.add("drop-here");
  };
  tree.addEventListener("dragstart", (event) => {
    const item = itemOf(event);
    if (!item || !event.dataTransfer) return;
    event.dataTransfer.setData(DRAGGED, (item.dataset.path ?? item.dataset.folder)!);
    event.dataTransfer.effectAllowed = "move";
  });
  tree.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes(DRAGGED)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    const item = itemOf(event);
    mark(item && item.dataset.folder === undefined ? (item.parentElement?.closest<HTMLElement>("wa-tree-item") ?? tree) : (item ?? tree));
  });
  tree.addEventListener("dragleave", (event) => {
    if (!tree.contains(event.relatedTarget as Node | null)) mark(null);
  });
  tree.addEventListener("dragend", () => mark(null));
  tree.addEventListener("drop", (event) => {
    const path = event.dataTransfer?.getData(DRAGGED);
    const folder = over?.dataset.folder ?? "";
    mark(null);
    if (!path) return;
    event.preventDefault();
    into(path, folder);
  });
}

function itemOf(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>("wa-tree-item");
}
