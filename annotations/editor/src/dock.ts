/** The console below the editor: server log, requests of one's own, findings. Its height is remembered. */
import type { Divided } from "./divider";
import { byId, remembered } from "./dom";

const LEAST = 80; // pixels
const LEFT_TO_THE_EDITOR = 160;

export class Dock {
  private readonly dock = byId("dock");

  constructor() {
    if (remembered.get("dock") === "closed") this.dock.hidden = true;
    byId("dock-close").addEventListener("click", () => this.toggle(false));
    void import("./divider").then(({ divider }) => this.dock.prepend(divider(this.height())));
  }

  /** Somebody wants to send requests. */
  whenSending(act: () => void): void {
    this.dock.addEventListener("wa-tab-show", (event) => (event as CustomEvent<{ name: string }>).detail.name === "send" && act());
  }

  show(tab: "log" | "send" | "findings"): void {
    this.toggle(true);
    this.dock.querySelector<HTMLElement & { active: string }>("wa-tab-group")!.active = tab;
  }

  toggle(open = this.dock.hidden): void {
    this.dock.hidden = !open;
    remembered.set("dock", open ? "open" : "closed");
  }

  private height(): Divided {
    const { dock } = this;
    return {
      label: "Height of the console",
      key: "dock.height",
      vertical: false,
      limits: () => [LEAST, (dock.parentElement?.clientHeight ?? 0) - LEFT_TO_THE_EDITOR],
      size: () => dock.offsetHeight,
      set: (size) => (dock.style.height = size === null ? "" : `${size}px`),
    };
  }
}
