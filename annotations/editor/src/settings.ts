/** What somebody has chosen for the editor and this browser remembers: whose keys, how large, whether lines wrap. */
import { EditorView } from "@codemirror/view";
import type { CodeMirror as Adapter } from "@replit/codemirror-vim";
import { byId, remembered } from "./dom";
import type { Shared } from "./editor";

const SMALLEST = 10; // pixels
const LARGEST = 24;
const ORDINARY = 13;

export class EditorSettings {
  constructor(
    private readonly shared: Shared,
    private readonly on: { changed(): void; save(): void; failed(): void; hint(words: string): void },
  ) {
    byId("keymap").addEventListener("click", () => void this.otherKeymap());
    shared.wrapping = this.wraps ? EditorView.lineWrapping : [];
    this.useSize();
  }

  get vim(): boolean {
    return remembered.get("keymap") === "vim";
  }

  get wraps(): boolean {
    return remembered.get("wrap") === "on";
  }

  /** The keys that were chosen the last time. */
  async begin(): Promise<void> {
    if (this.vim) await this.useKeymap();
  }

  async otherKeymap(): Promise<void> {
    remembered.set("keymap", this.vim ? "default" : "vim");
    await this.useKeymap();
  }

  wrap(): void {
    remembered.set("wrap", this.wraps ? "off" : "on");
    this.shared.wrapping = this.wraps ? EditorView.lineWrapping : [];
    this.on.changed();
    this.on.hint(this.wraps ? "Long lines wrap. Alt Z changes that." : "Long lines do not wrap. Alt Z changes that.");
  }

  /** The text of the editor becomes larger or smaller by so many pixels; 0: as it was made. */
  resize(by: number): void {
    const size = by === 0 ? ORDINARY : Math.max(SMALLEST, Math.min(LARGEST, this.size + by));
    remembered.set("font-size", String(size));
    this.useSize();
    this.on.changed();
    this.on.hint(`Text of the editor: ${size} pixels.`);
  }

  private get size(): number {
    return Number(remembered.get("font-size")) || ORDINARY;
  }

  private useSize(): void {
    const { style } = document.documentElement;
    style.setProperty("--code-size", `${this.size}px`);
    style.setProperty("--code-line", `${Math.round((this.size * 21) / ORDINARY)}px`);
  }

  /** Vim's keys are fetched when they are first wanted; `:w` saves at once. */
  private async useKeymap(): Promise<void> {
    const wanted = this.vim;
    try {
      if (wanted) {
        const { CodeMirror, vim, Vim } = await import("@replit/codemirror-vim");
        Vim.defineEx("write", "w", () => this.on.save());
        this.undoInTheFile(CodeMirror);
        this.shared.firstKeys = vim({ status: true });
      } else this.shared.firstKeys = [];
    } catch {
      return this.on.failed();
    }
    byId("keymap").textContent = wanted ? "Vim keys" : "Default keys";
    this.on.changed();
  }

  /** Vim undoes in the view it is in; the history of a file may be kept by another column (documents.ts). */
  private undoInTheFile({ commands }: typeof Adapter): void {
    const { undo, redo } = this.shared.acts;
    for (const [name, act] of [["undo", undo], ["redo", redo]] as const)
      commands[name] = (own) => {
        const { cm6, curOp } = own as InstanceType<typeof Adapter>;
        if (curOp) curOp.$changeStart = undefined;
        act(cm6);
        // As Vim does it: the cursor goes to where the change began.
        const at = own.curOp?.$changeStart;
        if (at !== undefined) cm6.dispatch({ selection: { anchor: Math.min(at, cm6.state.doc.length) } });
      };
  }
}
