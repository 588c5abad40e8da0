/** The server's log in the console while its run goes on: pieces put together, places of the code as links. */
import { h } from "./dom";

export interface LogPiece {
  run: number;
  log: string;
  /** Where the piece begins: characters since the server's start. */
  start: number;
}

const MOST_CHARACTERS = 128 * 1024; // kept on the page; the run's end brings the whole log
const PLACES = /File "(?:\/app\/)?([^"\n]+)", line (\d+)|(?:\/app\/|\b)((?:[\w.-]+\/)*[\w-]+\.(?:py|js|mjs|cjs|ts)):(\d+)/g;

/** The log of one run, put together from its pieces. */
export class LogText {
  text = "";
  private first = 0; // where `text` begins

  /** Take a piece in; how much of the end of `text` is new, or null where all of it is. */
  take({ log, start }: LogPiece): number | null {
    const end = this.first + this.text.length;
    const known = start <= end && start >= this.first && this.text.length > 0;
    if (start + log.length <= end && known && this.text.startsWith(log, start - this.first)) return 0;
    if (start === end && known) {
      this.text += log;
      if (this.text.length <= MOST_CHARACTERS) return log.length;
      this.first += this.text.length - MOST_CHARACTERS;
      this.text = this.text.slice(-MOST_CHARACTERS);
      return null;
    }
    this.text = log.slice(-MOST_CHARACTERS);
    this.first = start + log.length - this.text.length;
    return null;
  }
}

export class LiveLog {
  private run = 0;
  private log = new LogText();

  constructor(
    private readonly place: HTMLElement,
    private readonly title: HTMLElement,
    private readonly resolve: (path: string) => string | null,
  ) {}

  /** A run begins: what the last one printed makes room as soon as this one prints. */
  begin(run: number): void {
    if (this.run === run) return;
    this.run = run;
    this.log = new LogText();
  }

  heard(piece: LogPiece): void {
    if (piece.run < this.run) return;
    this.begin(piece.run);
    const fresh = this.log.take(piece);
    if (fresh === 0) return;
    const follows = this.place.scrollTop + this.place.clientHeight >= this.place.scrollHeight - 24;
    this.title.textContent = "Running · live";
    const lines = this.log.text.split("\n");
    if (fresh === null || !this.place.querySelector("[data-live]")) this.place.replaceChildren(...lines.map((line) => this.line(line)));
    else {
      // The last line may have been half a line.
      const count = this.log.text.slice(-fresh).split("\n").length;
      this.place.lastElementChild?.remove();
      this.place.append(...lines.slice(-count).map((line) => this.line(line)));
    }
    if (follows) this.place.scrollTop = this.place.scrollHeight;
  }

  /** The whole log of a server that is no run. */
  whole(title: string, text: string): void {
    if (this.title.textContent === title && this.log.text === text) return;
    this.log = new LogText();
    this.log.take({ run: 0, log: text, start: 0 });
    const follows = this.place.scrollTop + this.place.clientHeight >= this.place.scrollHeight - 24;
    this.title.textContent = title;
    this.place.replaceChildren(...text.replace(/\n$/, "").split("\n").map((line) => this.line(line)));
    if (follows) this.place.scrollTop = this.place.scrollHeight;
  }

  private line(text: string): HTMLElement {
    const row = h("div", { "data-live": "" });
    let from = 0;
    for (const found of text.matchAll(PLACES)) {
      const path = this.resolve(found[1] ?? found[3] ?? "");
      if (!path) continue;
      row.append(text.slice(from, found.index), h("a", { href: "#", "data-path": path, "data-line": found[2] ?? found[4] ?? "1" }, found[0]));
      from = found.index + found[0].length;
    }
    row.append(text.slice(from));
    return row;
  }
}
