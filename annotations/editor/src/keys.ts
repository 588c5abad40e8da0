/** The keys that work everywhere in the workspace, and the list of all keys. */
import { byId, isTyping } from "./dom";

export interface Acts {
  save(): void;
  run(): void;
  quickOpen(): void;
  searchFiles(): void;
  console(): void;
  stepFailure(direction: 1 | -1): void;
}

export function listenForKeys(acts: Acts): void {
  window.addEventListener("keydown", (event) => onKey(event, acts), { capture: true });
  byId("show-keys").addEventListener("click", () => showKeys());
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
  if (mod && !event.shiftKey && (event.key === "p" || event.key === "k")) return act(() => acts.quickOpen());
  if (mod && event.shiftKey && event.key.toLowerCase() === "f") return act(() => acts.searchFiles());
  if (mod && event.code === "Backquote") return act(() => acts.console());
  if (event.key === "F8") return act(() => acts.stepFailure(event.shiftKey ? -1 : 1));
  if (event.key === "F6") return act(() => nextPane(event.shiftKey ? -1 : 1));
  if (event.key === "?" && !isTyping(event)) return act(() => showKeys());
}

export function showKeys(): void {
  const dialog = byId<HTMLDialogElement>("keys");
  if (!dialog.open) dialog.showModal();
}

/** F6 goes round the panes: files, editor, checks. */
function nextPane(direction: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(at + direction + panes.length) % panes.length];
  const target = next?.id === "editor-pane" ? byId("editor").shadowRoot?.querySelector<HTMLElement>(".cm-content") : next?.querySelector<HTMLElement>("[tabindex='0'], summary, button, wa-tree-item");
  target?.focus();
}
