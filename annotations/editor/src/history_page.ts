/** The replay of a session: one position in its log decides what code, clock, checks and ledger show. */
import { clock } from "./activity";
import { byId, h, icon, isTyping, remembered } from "./dom";
import { type Chunk, Replayer, toDocument } from "./replayer";
import { ReplayView } from "./replay_view";

interface Run {
  name: string;
  state: string;
  tenths: number;
  passed: number | null;
  of: number | null;
  outcomes: string;
}
interface Steps {
  first: number;
  tenths: number[];
  total: number;
  kinds: string[];
  kind_of: number[];
  chunk: number;
  generated: Record<string, string | null>;
  checks: string[];
  runs: Run[];
}

const LONGEST_PAUSE = 50; // tenths of a second; longer ones may be skipped
const ENTRIES_AROUND = 12;
const LETTERS: Record<string, [string, string]> = { p: ["passed", "passed"], f: ["failed", "failed"], n: ["unreached", "not reached"], u: ["unstable", "unstable"] };

class Player {
  private index = 0; // of the entry that happened last
  private time = 0; // tenths of a second on the session clock
  private speed = 1;
  private playing = false;
  private lastFrame = 0;
  private skips = remembered.get("replay.skip") !== "no";
  private drawn = 0;
  private readonly view: ReplayView;
  private readonly replayer: Replayer;
  private readonly scrub = byId<HTMLInputElement>("scrub");
  private checksOf: Run | null | undefined;

  constructor(
    private readonly steps: Steps,
    fetchChunk: (number: number) => Promise<Chunk>,
  ) {
    this.replayer = new Replayer(steps.generated, steps.chunk, fetchChunk);
    const originals = new Map(Object.entries(steps.generated).flatMap(([path, text]) => (text === null ? [] : [[path, toDocument(text)] as const])));
    this.view = new ReplayView(byId("code"), (path) => originals.get(path) ?? null);
    this.scrub.max = String(Math.max(1, steps.total));
    this.scrub.disabled = false;
    byId<HTMLButtonElement>("play").disabled = false;
    byId("total").textContent = clock(steps.total / 10);
    this.listen();
    this.drawSpeed();
    const wanted = /^#e(\d{1,12})$/.exec(location.hash);
    this.goToEntry(wanted ? Number(wanted[1]) : this.steps.first);
  }

  private listen(): void {
    this.scrub.addEventListener("input", () => this.goToTime(Number(this.scrub.value)));
    byId("play").addEventListener("click", () => this.toggle());
    byId("previous-run").addEventListener("click", () => this.goToRun(-1));
    byId("next-run").addEventListener("click", () => this.goToRun(1));
    byId("skip-pauses").addEventListener("click", () => {
      this.skips = !this.skips;
      remembered.set("replay.skip", this.skips ? "yes" : "no");
      this.drawSpeed();
    });
    for (const button of document.querySelectorAll<HTMLElement>("[data-speed]")) button.addEventListener("click", () => this.setSpeed(Number(button.dataset.speed)));
    for (const button of document.querySelectorAll<HTMLElement>("[data-seq]")) button.addEventListener("click", () => this.goToEntry(Number(button.dataset.seq)));
    window.addEventListener("keydown", (event) => this.onKey(event));
    window.addEventListener("hashchange", () => {
      const wanted = /^#e(\d{1,12})$/.exec(location.hash);
      if (wanted) this.goToEntry(Number(wanted[1]));
    });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || (isTyping(event) && event.target !== this.scrub)) return;
    const inTabs = (event.target as Element).closest?.("wa-tab-group, wa-split-panel > [slot=divider]");
    const acts: Record<string, () => void> = {
      " ": () => this.toggle(),
      ArrowRight: () => this.goToIndex(this.index + 1),
      ArrowLeft: () => this.goToIndex(this.index - 1),
      Home: () => this.goToIndex(0),
      End: () => this.goToIndex(this.steps.tenths.length - 1),
      n: () => this.goToRun(1),
      p: () => this.goToRun(-1),
      "1": () => this.setSpeed(1),
      "2": () => this.setSpeed(4),
      "3": () => this.setSpeed(16),
    };
    const act = acts[event.key];
    if (!act || inTabs) return;
    if (event.key === " " && (event.target as Element).closest?.("button, a, summary")) return; // space presses what has the focus
    event.preventDefault();
    act();
  }

  private toggle(playing = !this.playing): void {
    if (playing && this.index >= this.steps.tenths.length - 1) this.goToIndex(0);
    this.playing = playing;
    byId("play").replaceChildren(icon(playing ? "pause" : "play", "i-s"), playing ? "Pause " : "Play ", h("kbd", {}, "Space"));
    this.lastFrame = 0;
    if (playing) requestAnimationFrame((now) => this.tick(now));
  }

  private tick(now: number): void {
    if (!this.playing) return;
    if (this.lastFrame) this.time += ((now - this.lastFrame) / 100) * this.speed;
    this.lastFrame = now;
    const next = this.steps.tenths[this.index + 1];
    if (next === undefined) {
      this.toggle(false);
      return;
    }
    if (this.skips && next - this.time > LONGEST_PAUSE) this.time = next - LONGEST_PAUSE / 10;
    this.index = Math.max(this.index, this.indexAt(this.time));
    this.draw();
    requestAnimationFrame((later) => this.tick(later));
  }

  private setSpeed(speed: number): void {
    this.speed = speed;
    this.drawSpeed();
  }

  private drawSpeed(): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-speed]")) button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === this.speed));
    byId("skip-pauses").setAttribute("aria-pressed", String(this.skips));
  }

  private goToEntry(seq: number): void {
    this.goToIndex(seq - this.steps.first);
  }

  private goToIndex(index: number): void {
    this.index = Math.max(0, Math.min(index, this.steps.tenths.length - 1));
    this.time = this.steps.tenths[this.index]!;
    this.draw();
  }

  private goToTime(time: number): void {
    this.time = time;
    this.index = this.indexAt(time);
    this.draw();
  }

  private goToRun(direction: 1 | -1): void {
    const times = this.steps.runs.map(({ tenths }) => tenths);
    const wanted = direction === 1 ? times.find((time) => time > this.time) : times.findLast((time) => time < this.time - 5);
    if (wanted !== undefined) this.goToTime(wanted);
  }

  /** Index of the last entry at or before a time. */
  private indexAt(time: number): number {
    let low = 0;
    let high = this.steps.tenths.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.steps.tenths[middle]! <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  draw(): void {
    const seconds = this.time / 10;
    const text = clock(seconds);
    const words = `${Math.floor(seconds / 60)} minutes ${Math.floor(seconds % 60)} seconds`;
    this.scrub.value = String(Math.round(this.time));
    if (this.scrub.getAttribute("aria-valuetext") !== words) this.scrub.setAttribute("aria-valuetext", words);
    byId("clock").textContent = byId("checks-clock").textContent = text;
    const marker = document.getElementById("now");
    marker?.setAttribute("transform", `translate(${(8 + (994 * this.time) / Math.max(1, this.steps.total)).toFixed(1)} 0)`);
    marker?.querySelector("text")?.replaceChildren(text);
    const seq = this.steps.first + this.index;
    if (!this.playing) byId("event").textContent = `Event ${(this.index + 1).toLocaleString("en")} of ${this.steps.tenths.length.toLocaleString("en")}`;
    this.drawLedger(seq);
    this.drawChecks();
    if (!byId("entries").closest<HTMLElement>("[data-panel]")!.hidden) this.drawEntries();
    void this.drawCode(seq);
  }

  private async drawCode(seq: number): Promise<void> {
    const asked = ++this.drawn;
    const code = byId("code");
    const words = (said: string): void => {
      byId("no-code-words").textContent = said;
      byId("no-code").hidden = !said;
      code.hidden = Boolean(said);
    };
    try {
      const moment = await this.replayer.at(seq);
      if (asked !== this.drawn) return;
      byId("path").textContent = moment.path || "–";
      byId("file-note").textContent = moment.path && !(moment.path in this.steps.generated) ? "not generated" : "";
      if (moment.doc) {
        words("");
        this.view.show(moment.path, moment.doc, moment.head);
      } else words(moment.path ? "This file is not text." : "No file is open at this moment.");
    } catch {
      if (asked === this.drawn) words("This part of the record could not be fetched. Move on to try again.");
    }
  }

  private drawLedger(seq: number): void {
    for (const row of document.querySelectorAll<HTMLElement>("#ledger > li")) {
      const here = Number(row.dataset.first) <= seq && seq <= Number(row.dataset.last);
      if (here && row.getAttribute("aria-current") !== "true") {
        row.setAttribute("aria-current", "true");
        row.scrollIntoView({ block: "nearest" });
      } else if (!here) row.removeAttribute("aria-current");
    }
  }

  private drawChecks(): void {
    const run = this.steps.runs.findLast((one) => one.tenths <= this.time && one.state === "finished") ?? null;
    if (run === this.checksOf) return;
    this.checksOf = run;
    byId("checks-words").textContent = run ? `${run.name}: ${run.passed} of ${run.of} checks passed.` : "No verdict yet.";
    const order = "funp-";
    const rows = this.steps.checks.map((title, number) => ({ title, letter: run?.outcomes[number] ?? "-" })).filter(({ letter }) => letter !== "-");
    rows.sort((a, b) => order.indexOf(a.letter) - order.indexOf(b.letter));
    byId("checks-then").replaceChildren(
      ...rows.map(({ title, letter }) => {
        const [look, word] = LETTERS[letter]!;
        return h("li", {}, h("span", { class: `out o-${look}` }, icon(look), h("span", { class: "sr" }, word)), h("span", {}, title));
      }),
    );
  }

  private drawEntries(): void {
    const from = Math.max(0, this.index - ENTRIES_AROUND);
    const until = Math.min(this.steps.tenths.length, this.index + ENTRIES_AROUND + 1);
    const rows: HTMLElement[] = [];
    for (let index = from; index < until; index++)
      rows.push(h("li", index === this.index ? { "aria-current": "true" } : {}, h("time", {}, clock(this.steps.tenths[index]! / 10)), String(this.steps.first + index), " ", this.steps.kinds[this.steps.kind_of[index]!]!));
    byId("entries").replaceChildren(...rows);
  }
}

async function begin(): Promise<void> {
  const { base, through } = byId("main").dataset;
  const get = async <T>(address: string): Promise<T> => {
    const response = await fetch(`${base}${address}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(60_000) });
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()) as T;
  };
  const failed = byId("no-code");
  failed.hidden = false;
  byId("code").hidden = true;
  try {
    const steps = await get<Steps>(`history-steps?through=${through}`);
    const player = new Player(steps, (number) => get<Chunk>(`history-chunk?n=${number}&through=${through}`));
    document.addEventListener("wa-tab-show", () => setTimeout(() => player.draw()));
  } catch {
    byId("no-code-words").replaceChildren("The record could not be fetched. ", h("button", { type: "button", class: "wa-outlined s", click: () => void begin() }, "Try again"));
  }
}

void begin();
