/**
 * What a comparison can do once it is on the screen: walk its changes, expand folds, link to a line, select one side.
 * The table itself is made by the server (annotations/diffs.py).
 */
import { fragment, remembered } from "./dom";

export interface LineLink {
  side: "L" | "R";
  line: number;
}

export class DiffPane {
  private marked: HTMLElement | null = null;
  private at = 0;
  private ownScroll = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly on: {
      /** The rows of a fold that the page does not hold: `line before,line after,how many`. */
      rows(asked: string): Promise<string>;
      hunk(number: number, of: number): void;
      linked(link: LineLink): void;
    },
  ) {
    place.addEventListener("click", (event) => void this.onClick(event));
    place.addEventListener("mousedown", (event) => this.selectOneSide(event));
    place.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.wrap(remembered.get("diff.wrap") === "yes");
  }

  get wrapped(): boolean {
    return this.place.classList.contains("wrapped");
  }

  wrap(wrapped: boolean): void {
    this.place.classList.toggle("wrapped", wrapped);
    remembered.set("diff.wrap", wrapped ? "yes" : "no");
  }

  /** New content is in the place. */
  drawn(): void {
    this.marked = null;
    this.tellHunk();
  }

  /** To the next change (1) or the one before (-1); where it is the last, nothing moves. */
  step(direction: 1 | -1): void {
    const hunks = this.hunks();
    const next = hunks[this.at + direction];
    if (!next) return;
    this.at += direction;
    const before = this.place.scrollTop;
    this.place.scrollTop += next.getBoundingClientRect().top - this.place.getBoundingClientRect().top - 60;
    this.ownScroll = this.place.scrollTop !== before;
    this.on.hunk(this.at + 1, hunks.length);
  }

  /** Bring a line into view, out of its fold where it is folded away; false where there is no such line. */
  async goTo({ side, line }: LineLink): Promise<boolean> {
    const row = this.rowOf(side, line) ?? (await this.unfoldFor(side, line));
    if (!row) return false;
    const body = row.closest("tbody");
    if (body) body.hidden = false;
    this.marked?.classList.remove("here");
    row.classList.add("here");
    this.marked = row;
    row.scrollIntoView({ block: "center" });
    return true;
  }

  private hunks(): HTMLElement[] {
    return [...this.place.querySelectorAll<HTMLElement>("[data-hunk]")];
  }

  /** Whoever scrolls by hand is at the last change above the middle of what they see. */
  private onScroll(): void {
    if (this.ownScroll) this.ownScroll = false;
    else this.tellHunk();
  }

  private tellHunk(): void {
    const hunks = this.hunks();
    const { top, height } = this.place.getBoundingClientRect();
    this.at = Math.max(0, hunks.findLastIndex((row) => row.getBoundingClientRect().top <= top + height / 2));
    if (this.place.scrollTop === 0) this.at = 0;
    this.on.hunk(hunks.length ? this.at + 1 : 0, hunks.length);
  }

  private async onClick(event: MouseEvent): Promise<void> {
    const target = event.target as Element;
    const fold = target.closest<HTMLElement>("[data-fetch-rows]");
    if (fold) return this.fetchRows(fold);
    const number = target.closest<HTMLElement>("td.n");
    if (!number?.textContent) return;
    const numbers = [...number.parentElement!.querySelectorAll("td.n")];
    const link: LineLink = { side: numbers.indexOf(number) === 0 ? "L" : "R", line: Number(number.textContent) };
    await this.goTo(link);
    this.on.linked(link);
  }

  private rowOf(side: "L" | "R", line: number): HTMLElement | null {
    const column = side === "L" ? 0 : 1;
    for (const row of this.place.querySelectorAll<HTMLElement>("tr")) {
      const numbers = row.querySelectorAll("td.n");
      if (numbers[column]?.textContent === String(line)) return row;
    }
    return null;
  }

  private async unfoldFor(side: "L" | "R", line: number): Promise<HTMLElement | null> {
    for (const fold of this.place.querySelectorAll<HTMLElement>("[data-fetch-rows]")) {
      const [before, after, count] = fold.dataset.fetchRows!.split(",").map(Number) as [number, number, number];
      const from = side === "L" ? before : after;
      if (line <= from || line > from + count) continue;
      await this.fetchRows(fold, line - from);
      return this.rowOf(side, line);
    }
    return null;
  }

  /** The server sends at most 2,000 rows at once; what is left stays folded. */
  private async fetchRows(button: HTMLElement, atLeast = 0): Promise<void> {
    const row = button.closest("tr")!;
    button.toggleAttribute("disabled", true);
    let [before, after, count] = button.dataset.fetchRows!.split(",").map(Number) as [number, number, number];
    const fresh: Element[] = [];
    try {
      do {
        const rows = fragment(await this.on.rows(`${before},${after},${count}`)).querySelectorAll("tr");
        if (!rows.length) break;
        fresh.push(...rows);
        before += rows.length;
        after += rows.length;
        count -= rows.length;
        atLeast -= rows.length;
      } while (count > 0 && atLeast > 0);
    } catch {
      button.lastChild!.textContent = "Not fetched; try again";
    }
    row.before(...fresh);
    button.toggleAttribute("disabled", false);
    if (count <= 0) return row.remove();
    if (!fresh.length) return;
    button.dataset.fetchRows = `${before},${after},${count}`;
    button.lastChild!.textContent = `Expand ${count.toLocaleString("en")} unchanged lines`;
  }

  /** A selection that begins on one side stays on it, so that copying takes the code of that side alone. */
  private selectOneSide(event: MouseEvent): void {
    const table = this.place.querySelector("table.diff.beside");
    const cell = (event.target as Element).closest<HTMLTableCellElement>("td");
    if (!table || !cell || cell.classList.contains("n")) return;
    table.classList.toggle("only-before", cell.cellIndex < 2);
    table.classList.toggle("only-after", cell.cellIndex >= 2);
  }
}

/** `#L12` or `#R12`. */
export function lineLink(hash: string): LineLink | null {
  const found = /^#([LR])(\d{1,7})$/.exec(hash);
  return found ? { side: found[1] as "L" | "R", line: Number(found[2]) } : null;
}
