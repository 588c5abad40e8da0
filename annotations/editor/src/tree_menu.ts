/** What can be done with a file or a folder of the tree, as a menu where it was asked for. Fetched when it is first wanted. */
import { h } from "./dom";

export interface Item {
  name: string;
  keys?: string;
  choose(): unknown;
}

/** Shows the items until one is chosen, Escape is pressed or the focus goes elsewhere; it goes back to where it was. */
export function showMenu(items: Item[], label: string, x: number, y: number): void {
  const before = document.activeElement;
  const buttons = items.map(({ name, keys, choose }) =>
    h("button", { type: "button", role: "menuitem", tabindex: "-1", click: () => (end(), void choose()) }, h("span", {}, name), keys ? h("kbd", {}, keys) : null),
  );
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label, popover: "manual" }, ...buttons);
  const end = (): void => {
    document.removeEventListener("pointerdown", outside, true);
    menu.remove();
    if (before instanceof HTMLElement) before.focus();
  };
  const outside = (event: Event): void => {
    if (!menu.contains(event.target as Node)) end();
  };
  menu.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) buttons[(to + buttons.length) % buttons.length]!.focus();
    else if (event.key === "Escape" || event.key === "Tab") end();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("pointerdown", outside, true);
  // Beside the tree and not in a dialog: within a landmark of the page.
  document.querySelector("#workspace")!.append(menu);
  menu.showPopover();
  menu.style.left = `${Math.max(4, Math.min(x, innerWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, innerHeight - menu.offsetHeight - 4))}px`;
  buttons[0]?.focus();
}
