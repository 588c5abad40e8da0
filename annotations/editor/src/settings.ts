/** What somebody has chosen for the editor and this browser remembers: whose keys. */
import { byId, remembered } from "./dom";
import type { Shared } from "./editor";

export class KeymapChoice {
  constructor(
    private readonly shared: Shared,
    private readonly on: { changed(): void; save(): void; failed(): void },
  ) {
    byId("keymap").addEventListener("click", () => void this.change());
  }

  get vim(): boolean {
    return remembered.get("keymap") === "vim";
  }

  /** The keys that were chosen the last time. */
  async begin(): Promise<void> {
    if (this.vim) await this.use();
  }

  async change(): Promise<void> {
    remembered.set("keymap", this.vim ? "default" : "vim");
    await this.use();
  }

  /** Vim's keys are fetched when they are first wanted; `:w` saves at once. */
  private async use(): Promise<void> {
    const wanted = this.vim;
    try {
      if (wanted) {
        const { vim, Vim } = await import("@replit/codemirror-vim");
        Vim.defineEx("write", "w", () => this.on.save());
        this.shared.firstKeys = vim({ status: true });
      } else this.shared.firstKeys = [];
    } catch {
      return this.on.failed();
    }
    byId("keymap").textContent = wanted ? "Vim keys" : "Default keys";
    this.on.changed();
  }
}
