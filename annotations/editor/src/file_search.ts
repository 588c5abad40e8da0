/** Search in all files. */
import type { Files } from "./files";
import { byId, counted, h } from "./dom";

const MOST_HITS = 300;

export class FileSearch {
  private readonly input = byId("search-input") as HTMLInputElement;
  private readonly results = byId("search-results");
  private timer = 0;

  constructor(
    private readonly files: Files,
    private readonly on: { searched(length: number): void; goTo(path: string, line: number): void },
  ) {
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.search(), 200);
    });
    this.results.addEventListener("click", (event) => {
      const hit = (event.target as Element).closest<HTMLElement>("[data-hit]");
      if (hit) this.on.goTo(hit.dataset.hit!, Number(hit.dataset.at));
    });
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  private search(): void {
    const wanted = this.input.value;
    if (wanted.length < 2) {
      this.results.replaceChildren(h("p", { class: "quiet xs" }, "Two letters or more."));
      return;
    }
    this.on.searched(wanted.length);
    const lower = wanted.toLowerCase();
    const rows: HTMLElement[] = [];
    let hits = 0;
    for (const path of this.files.paths()) {
      const doc = this.files.get(path)!.doc;
      if (!doc || hits >= MOST_HITS) continue;
      const found: HTMLElement[] = [];
      let number = 0;
      for (const line of doc.iterLines()) {
        number++;
        const at = line.toLowerCase().indexOf(lower);
        if (at < 0 || ++hits > MOST_HITS) continue;
        const start = Math.max(0, at - 20);
        found.push(
          h("button", { type: "button", class: "plainrow hit", "data-hit": path, "data-at": String(number) }, h("span", { class: "quiet num" }, String(number)), h("span", { class: "mono" }, line.slice(start, at).trimStart(), h("b", {}, line.slice(at, at + wanted.length)), line.slice(at + wanted.length, at + 120))),
        );
      }
      if (found.length) rows.push(h("div", { class: "hits" }, h("div", { class: "label" }, path), ...found));
    }
    const words = hits > MOST_HITS ? `The first ${MOST_HITS} places` : counted(hits, "place");
    this.results.replaceChildren(h("p", { class: "quiet xs", role: "status" }, words), ...rows);
  }
}
