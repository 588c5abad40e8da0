/** The console below the editor: server log and findings. */
import { byId, remembered } from "./dom";

export class Dock {
  private readonly dock = byId("dock");

  constructor() {
    if (remembered.get("dock") === "closed") this.dock.hidden = true;
    byId("dock-close").addEventListener("click", () => this.toggle(false));
  }

  toggle(open = this.dock.hidden): void {
    this.dock.hidden = !open;
    remembered.set("dock", open ? "open" : "closed");
  }
}
