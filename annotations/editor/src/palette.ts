/** Finding by typing, before it is there: the field takes what is typed while the rest is fetched. */
import type { Acts, Now } from "./commands";
import { byId } from "./dom";
import { Lazy } from "./lazy";
import type { Entry, QuickOpen } from "./quick_open";

export class Palette {
  private readonly quick: Lazy<QuickOpen>;
  private readonly dialog = byId("quick") as HTMLDialogElement;
  private there = false;
  private entered = false;

  constructor(acts: Acts, now: () => Now, on: { symbols(): Promise<Entry[]>; line(line: number): void }, failed: () => void) {
    this.quick = new Lazy(
      async () => {
        const [{ QuickOpen }, { entries }] = await Promise.all([import("./quick_open"), import("./commands")]);
        this.there = true;
        return new QuickOpen(() => entries(acts, now()), on);
      },
      () => {
        this.dialog.close();
        failed();
      },
    );
    byId("quick-input").addEventListener("keydown", (event) => {
      if (!this.there && event.key === "Enter") this.entered = true;
    });
  }

  /** Fetch it now, when there is time. */
  prepare(): void {
    this.quick.prepare();
  }

  /** Find by typing, begun with this sign; `files`: only files, until a sign says otherwise. */
  open(start = "", files = false): void {
    if (document.querySelector("dialog[open]")) return;
    const input = byId<HTMLInputElement>("quick-input");
    input.value = start;
    this.dialog.showModal();
    input.focus();
    this.entered = false;
    void this.quick.use((quick) => this.dialog.open && quick.open(files, this.entered));
  }

  /** Choose among these only: definitions of a name, places where it is used. */
  choose(label: string, entries: Entry[]): void {
    void this.quick.use((quick) => quick.choose(label, entries));
  }
}
