/** Find by typing: files, failed checks (#) and commands (>). */
import { byId, fileName, folder, h, icon } from "./dom";

export interface Entry {
  group: "Files" | "Checks" | "Commands";
  sign: string;
  name: string;
  more?: string;
  keys?: string;
  choose(): void;
}

const MOST = 12;
const SCATTERED = 500; // letters found, but not together: shown only where nothing better is

export class QuickOpen {
  private readonly dialog = byId("quick") as HTMLDialogElement;
  private readonly input = byId("quick-input") as HTMLInputElement;
  private readonly list = byId("quick-list");
  private shown: Entry[] = [];
  private selected = 0;

  constructor(private readonly entries: () => Entry[]) {
    this.input.addEventListener("input", () => this.draw());
    this.input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && this.shown.length) {
        event.preventDefault();
        this.selected = (this.selected + step + this.shown.length) % this.shown.length;
        this.drawSelected();
      }
      if (event.key === "Enter") {
        event.preventDefault();
        this.choose(this.selected);
      }
    });
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.choose(Number(option.dataset.index));
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  open(start = ""): void {
    if (document.querySelector("dialog[open]")) return;
    this.input.value = start;
    this.dialog.showModal();
    this.input.focus();
    this.draw();
  }

  private draw(): void {
    const typed = this.input.value.trim();
    const only = ({ ">": "Commands", "#": "Checks" } as const)[typed[0] as ">" | "#"];
    const words = (only ? typed.slice(1) : typed).trim().toLowerCase();
    const ranked = this.entries()
      .filter(({ group }) => !only || group === only)
      .map((entry) => ({ entry, rank: rank(`${entry.name} ${entry.more ?? ""}`.toLowerCase(), words) }))
      .filter(({ rank }) => rank !== null);
    const plain = ranked.filter(({ rank }) => rank! < SCATTERED);
    this.shown = (plain.length ? plain : ranked)
      .sort((a, b) => a.rank! - b.rank!)
      .slice(0, MOST)
      .map(({ entry }) => entry)
      .sort((a, b) => order(a) - order(b));
    this.selected = 0;
    const rows: HTMLElement[] = [];
    let group = "";
    this.shown.forEach((entry, index) => {
      if (entry.group !== group) rows.push(h("li", { role: "presentation", class: "xs quiet" }, (group = entry.group)));
      rows.push(
        h(
          "li",
          { role: "option", id: `quick-${index}`, "data-index": String(index) },
          icon(entry.sign, "i-s quiet"),
          h("span", {}, ...marked(entry.name, words)),
          h("span", { class: "xs quiet" }, entry.more),
          entry.keys ? h("span", { class: "push row gap-1" }, ...entry.keys.split(" ").map((key) => h("kbd", {}, key))) : null,
        ),
      );
    });
    if (!rows.length) rows.push(h("li", { role: "presentation", class: "quiet" }, "Nothing of that name."));
    this.list.replaceChildren(...rows);
    this.drawSelected();
  }

  private drawSelected(): void {
    for (const option of this.list.querySelectorAll<HTMLElement>("[role=option]")) {
      const is = Number(option.dataset.index) === this.selected;
      option.setAttribute("aria-selected", String(is));
      if (is) option.scrollIntoView({ block: "nearest" });
    }
    this.input.setAttribute("aria-activedescendant", this.shown.length ? `quick-${this.selected}` : "");
  }

  private choose(index: number): void {
    const entry = this.shown[index];
    this.dialog.close();
    entry?.choose();
  }
}

export function fileEntry(path: string, choose: () => void): Entry {
  return { group: "Files", sign: "file", name: fileName(path), more: folder(path), choose };
}

function order(entry: Entry): number {
  return ["Files", "Checks", "Commands"].indexOf(entry.group);
}

/** Lower is better, null is no match: every word must occur; early and whole matches first. */
export function rank(text: string, words: string): number | null {
  let total = 0;
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const at = text.indexOf(word);
    if (at >= 0) total += at;
    else if (isSubsequence(word, text)) total += SCATTERED;
    else return null;
  }
  return total;
}

function isSubsequence(word: string, text: string): boolean {
  let at = 0;
  for (const letter of word) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

function marked(name: string, words: string): (string | HTMLElement)[] {
  const word = words.split(/\s+/)[0] ?? "";
  const at = word ? name.toLowerCase().indexOf(word) : -1;
  return at < 0 ? [name] : [name.slice(0, at), h("b", {}, name.slice(at, at + word.length)), name.slice(at + word.length)];
}
