/** The keys that work everywhere in the workspace, the list of all keys, and whether single letters act. */
import { byId, isTyping, remembered } from "./dom";

export interface Acts {
  save(): void;
  run(): void;
  file(): void;
  /** Find by typing, begun with this sign. */
  palette(start: string): void;
  searchFiles(): void;
  console(): void;
  stepFailure(direction: 1 | -1): void;
  split(): void;
  back(): void;
  wrap(): void;
  close(): void;
}

const SINGLE_LETTERS = "single-letters";

/** Whether keys without Ctrl or Alt act outside text fields (WCAG 2.1.4: they can be turned off). */
export function singleLettersAct(): boolean {
  return remembered.get(SINGLE_LETTERS) !== "off";
}

export function listenForKeys(acts: Acts): void {
  window.addEventListener("keydown", (event) => onKey(event, acts), { capture: true });
  byId("show-keys").addEventListener("click", () => showKeys());
  const letters = byId<HTMLInputElement>("single-letters");
  letters.checked = singleLettersAct();
  letters.addEventListener("change", () => remembered.set(SINGLE_LETTERS, letters.checked ? "on" : "off"));
}

function onKey(event: KeyboardEvent, acts: Acts): void {
  const mod = event.ctrlKey || event.metaKey;
  const act = (doIt: () => void): void => {
    event.preventDefault();
    event.stopPropagation();
    doIt();
  };
  if (mod && event.key === "s") return act(() => acts.save());
  if (document.querySelector("dialog[open]") !== null) return;
  if (mod && event.key === "Enter") return act(() => acts.run());
  if (mod && !event.shiftKey && event.key === "p") return act(() => acts.file());
  if (mod && !event.shiftKey && event.key === "k") return act(() => acts.palette(""));
  if (mod && event.shiftKey && event.key.toLowerCase() === "p") return act(() => acts.palette(">"));
  if (mod && event.shiftKey && event.key.toLowerCase() === "o") return act(() => acts.palette("@"));
  if (mod && event.shiftKey && event.key.toLowerCase() === "f") return act(() => acts.searchFiles());
  if (mod && event.code === "Backquote") return act(() => acts.console());
  if (mod && event.key === "\\") return act(() => acts.split());
  if (event.altKey && !mod && event.key === "ArrowLeft" && !event.shiftKey) return act(() => acts.back());
  if (event.altKey && !mod && event.code === "KeyG") return act(() => acts.palette(":"));
  if (mod && !event.shiftKey && !event.altKey && event.key === "g") return act(() => acts.palette(":"));
  if (event.altKey && !mod && !event.shiftKey && event.code === "KeyZ") return act(() => acts.wrap());
  if (event.altKey && !mod && !event.shiftKey && event.code === "KeyW") return act(() => acts.close());
  if (event.key === "F8") return act(() => acts.stepFailure(event.shiftKey ? -1 : 1));
  if (event.key === "F6") return act(() => nextPane(event.shiftKey ? -1 : 1));
  if (mod || event.altKey || isTyping(event) || !singleLettersAct()) return;
  if (event.key === "?") return act(() => showKeys());
  // Where a check is in hand, G goes to its line (check_acts.ts).
  const check = document.activeElement?.closest("details[data-check]") ?? document.querySelector("details[data-check][data-current]");
  if (event.key === "g" && !check) return act(() => acts.palette(":"));
}

export function showKeys(): void {
  const dialog = byId<HTMLDialogElement>("keys");
  if (!dialog.open) dialog.showModal();
}

/** F6 goes round the panes: files, each column of the editor, console, checks. */
function nextPane(direction: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane], .column, #dock")].filter((pane) => pane.checkVisibility() && !pane.querySelector(".column"));
  const at = panes.findLastIndex((pane) => pane.contains(document.activeElement));
  for (let step = 1; step <= panes.length; step++) {
    const pane = panes[(((at + direction * step) % panes.length) + panes.length) % panes.length]!;
    for (const target of targets(pane)) {
      target.focus();
      if (pane.contains(document.activeElement)) return target.scrollIntoView({ block: "nearest" });
    }
  }
}

/** What takes the focus in a pane: the text, the check in hand, the file on screen; else the first thing that can. */
function targets(pane: HTMLElement): HTMLElement[] {
  const visible = (selector: string): HTMLElement[] => [...pane.querySelectorAll<HTMLElement>(selector)].filter((one) => one.checkVisibility());
  const text = pane.querySelector(":scope > .editor:not([hidden])")?.shadowRoot?.querySelector<HTMLElement>(".cm-content");
  return [
    ...(text ? [text] : []),
    ...visible("details[data-check][data-current] > summary"),
    ...visible("details[data-check][open]:not(.fold *) > summary"),
    ...visible("details[data-group]:not(.fold) > summary"),
    ...visible("wa-tree-item[selected]"),
    ...visible("[data-panel] input, [data-panel] :is(wa-tree-item, button), [data-panel][tabindex='0']"),
    ...visible("[tabindex='0'], summary, button"),
  ];
}
