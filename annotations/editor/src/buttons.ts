/** The buttons of the bar and the items of its menus: what they ask for is in commands.ts. */
import type { Acts } from "./commands";
import { byId } from "./dom";

export function listenForButtons(acts: Acts, on: { palette(): void; searchShown(): void }): void {
  const buttons: Record<string, () => unknown> = {
    "run-checks": acts.runChecks,
    pause: acts.pause,
    "open-compare": acts.compare,
    "open-quick": on.palette,
    "new-file": acts.newFile,
  };
  for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", () => void act());
  const items: Record<string, () => unknown> = {
    submit: acts.submit,
    "give-up": acts.giveUp,
    leave: acts.leave,
    rename: acts.renameFile,
    delete: acts.deleteFile,
    "restore-file": acts.restoreFile,
    "restore-lines": acts.restoreLines,
    wrap: acts.wrap,
    larger: () => acts.textSize(1),
    smaller: () => acts.textSize(-1),
    ordinary: () => acts.textSize(0),
  };
  for (const menu of ["finish", "file-menu", "view-menu"])
    byId(menu).addEventListener("wa-select", (event) => void items[(event as unknown as CustomEvent<{ item: { value: string } }>).detail.item.value]?.());
  byId("side-tabs").addEventListener("wa-tab-show", (event) => {
    if ((event as CustomEvent<{ name: string }>).detail.name === "search") on.searchShown();
  });
}
