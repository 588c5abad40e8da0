/** What every page shares: the library's elements in use, the theme switch, tabs, copying, folds of a diff. */
import { registerIconLibrary } from "@awesome.me/webawesome/dist/webawesome.js";
import "@awesome.me/webawesome/dist/components/split-panel/split-panel.js";
import "@awesome.me/webawesome/dist/components/tree/tree.js";
import "@awesome.me/webawesome/dist/components/tree-item/tree-item.js";
import "@awesome.me/webawesome/dist/components/tab-group/tab-group.js";
import "@awesome.me/webawesome/dist/components/tab/tab.js";
import "@awesome.me/webawesome/dist/components/tooltip/tooltip.js";
import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js";
import "@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js";
import { remembered } from "./dom";

serveIcons();
document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  if (target.closest("[data-theme-toggle]")) toggleTheme();
  const copy = target.closest<HTMLElement>("[data-copy]");
  if (copy) void copyText(copy);
  const unfold = target.closest("[data-unfold]");
  if (unfold) unfoldRows(unfold);
});
document.addEventListener("wa-tab-show", (event) => showTab(event.target as HTMLElement, (event as CustomEvent<{ name: string }>).detail.name));
customElements.whenDefined("wa-tree-item").then(() => setTimeout(expandTrees), () => undefined);
rememberPanels();

/** The library inlines its few icons as data: addresses, which the content security policy refuses: serve them instead. */
function serveIcons(): void {
  const served = new Set(["chevron-right", "chevron-down", "check", "xmark"]);
  registerIconLibrary("system", { resolver: (name) => new URL(`../icons/${served.has(name) ? name : "chevron-right"}.svg`, import.meta.url).href });
}

function toggleTheme(): void {
  const dark = document.documentElement.classList.toggle("wa-dark");
  document.documentElement.classList.toggle("wa-light", !dark);
  remembered.set("theme", dark ? "dark" : "light");
}

/** Nested items lose `expanded` while they are upgraded: say it again. */
function expandTrees(): void {
  for (const item of document.querySelectorAll<HTMLElement & { expanded: boolean }>("wa-tree-item[data-open]")) item.expanded = true;
}

/** A strip of tabs shows one of the `data-panel` elements within the nearest `data-tabs`. */
function showTab(group: HTMLElement, name: string): void {
  const scope = group.closest("[data-tabs]");
  if (!scope) return;
  const panels = [...scope.querySelectorAll<HTMLElement>("[data-panel]")].filter((panel) => panel.closest("[data-tabs]") === scope);
  if (!panels.some((panel) => panel.dataset.panel === name)) return; // a strip that has no panels of its own
  for (const panel of panels) panel.hidden = panel.dataset.panel !== name;
}

/** Copies `data-copy`, or the text of the element `data-copy` names with #. */
async function copyText(button: HTMLElement): Promise<void> {
  const said = button.dataset.copy!;
  const text = said.startsWith("#") ? (document.querySelector(said)?.textContent ?? "") : said;
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
  } catch {
    getSelection()?.selectAllChildren(document.querySelector(said.startsWith("#") ? said : "body")!);
  }
}

function unfoldRows(button: Element): void {
  const row = button.closest("tr");
  const rows = row?.closest("tbody")?.nextElementSibling;
  if (rows instanceof HTMLElement) rows.hidden = false;
  row?.remove();
}

/** Dividers are remembered by `data-remember`. */
function rememberPanels(): void {
  for (const panel of document.querySelectorAll<HTMLElement & { positionInPixels: number }>("wa-split-panel[data-remember]")) {
    const key = `panel.${panel.dataset.remember}`;
    const width = Number(remembered.get(key));
    if (width > 100) panel.setAttribute("position-in-pixels", String(width));
    panel.addEventListener("wa-reposition", (event) => {
      if (event.target === panel) remembered.set(key, String(Math.round(panel.positionInPixels)));
    });
  }
}
