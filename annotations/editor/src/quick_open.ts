/** Find by typing: files, symbols (@), failed checks (#), commands (>) and lines (:). */
import { byId, fileName, folder, h, icon } from "./dom";

export interface Entry {
  group: "Files" | "Symbols" | "Checks" | "Commands";
  sign: string;
  name: string;
  more?: string;
  /** What is typed is compared with this; the name and what follows it where nothing is said. */
  text?: string;
  keys?: string;
  choose(): void;
}

const MOST = 12;
const MOST_CHOICES = 200;
const SCATTERED = 500; // letters found, but not together: shown only where nothing better is

export class QuickOpen {
  private readonly dialog = byId("quick") as HTMLDialogElement;
  private readonly input = byId("quick-input") as HTMLInputElement;
  private readonly list = byId("quick-list");
  private shown: Entry[] = [];
  private selected = 0;
  private symbols: Entry[] = [];
  private only: Entry[] | null = null;
  private filesOnly = false;

  constructor(
    private readonly entries: () => Entry[],
    private readonly on: { symbols(): Promise<Entry[]>; line(line: number): void },
  ) {
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
        this.take(this.selected);
      }
    });
    this.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.take(Number(option.dataset.index));
    });
    this.dialog.addEventListener("close", () => {
      this.only = null;
      this.input.placeholder = "";
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /** The dialog is open (palette.ts), with what has been typed so far; `entered`: and the first that fits is wanted. */
  open(files: boolean, entered: boolean): void {
    this.filesOnly = files;
    this.symbols = [];
    this.draw();
    if (entered) return this.take(0);
    void this.on.symbols().then((symbols) => {
      this.symbols = symbols;
      if (this.dialog.open && this.input.value.trimStart().startsWith("@")) this.draw();
    });
  }

  /** Choose among these only: definitions of a name, places where it is used. */
  choose(label: string, entries: Entry[]): void {
    if (document.querySelector("dialog[open]")) return;
    this.only = entries;
    this.input.placeholder = label;
    this.input.value = "";
    this.dialog.showModal();
    this.input.focus();
    this.draw();
  }

  private draw(): void {
    const typed = this.input.value.trim();
    const line = /^:(\d*)$/.exec(typed);
    const only = line ? undefined : ({ ">": "Commands", "#": "Checks", "@": "Symbols" } as const)[typed[0] as ">" | "#" | "@"];
    const words = (only ? typed.slice(1) : typed).trim().toLowerCase();
    const ranked = this.candidates(line?.[1], only)
      .map((entry) => ({ entry, rank: rank((entry.text ?? `${entry.name} ${entry.more ?? ""}`).toLowerCase(), line ? "" : words) }))
      .filter(({ rank }) => rank !== null);
    const plain = ranked.filter(({ rank }) => rank! < SCATTERED);
    this.shown = (plain.length ? plain : ranked)
      .sort((a, b) => a.rank! - b.rank!)
      .slice(0, this.only || only === "Commands" ? MOST_CHOICES : MOST)
      .map(({ entry }) => entry);
    if (!this.only) this.shown.sort((a, b) => order(a) - order(b));
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
    if (!rows.length) rows.push(h("li", { role: "presentation", class: "quiet" }, line ? "The number of a line." : "Nothing of that name."));
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

  private candidates(line: string | undefined, group: Entry["group"] | undefined): Entry[] {
    if (this.only) return this.only;
    if (line !== undefined) return line ? [{ group: "Commands", sign: "goto", name: `Go to line ${line}`, choose: () => this.on.line(Number(line)) }] : [];
    if (group === "Symbols") return this.symbols;
    return this.entries().filter((entry) => entry.group === (group ?? (this.filesOnly ? "Files" : entry.group)));
  }

  private take(index: number): void {
    const entry = this.shown[index];
    this.dialog.close();
    entry?.choose();
  }
}

export function fileEntry(path: string, choose: () => void): Entry {
  return { group: "Files", sign: "file", name: fileName(path), more: folder(path), text: `${fileName(path)} ${path}`, choose };
}

function order(entry: Entry): number {
  return ["Files", "Symbols", "Checks", "Commands"].indexOf(entry.group);
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
