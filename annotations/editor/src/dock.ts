/** The console below the editor: server log, requests of one's own, findings. */
import { byId, remembered } from "./dom";

export class Dock {
  private readonly dock = byId("dock");

  constructor() {
    if (remembered.get("dock") === "closed") this.dock.hidden = true;
    byId("dock-close").addEventListener("click", () => this.toggle(false));
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
}
