/** The timer in the bar: how long, what counts now, how much is left. */
import { type Activity, clock, type Doing } from "./activity";
import { bar, h } from "./dom";

const WORDS: Record<Doing, { look: string; words: string }> = {
  editing: { look: "o-passed", words: "counting, editing" },
  reading: { look: "o-passed", words: "counting, reading" },
  waiting: { look: "o-unstable", words: "waiting for the run" },
  paused: { look: "o-unreached", words: "paused" },
  idle: { look: "o-unreached", words: "not counting" },
};

export class Timer {
  private said = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly hint: HTMLElement,
    private readonly activity: Activity,
    private readonly limit: number | null,
  ) {}

  start(): void {
    this.draw();
    setInterval(() => this.draw(), 1000);
  }

  draw(): void {
    const mono = performance.now();
    const total = this.activity.total(mono);
    const doing = this.activity.doing(mono);
    const { look, words } = WORDS[doing];
    const parts = this.activity.seconds;
    const scale = this.limit ?? Math.max(3600, total);
    const earlier = total - parts.editing - parts.reading - parts.waiting;
    const over = this.limit !== null && total > this.limit;
    const face = `${clock(total)} ${doing} ${over}`;
    if (face === this.said) return;
    this.said = face;
    this.place.setAttribute("aria-label", this.spoken(total));
    this.place.replaceChildren(
      h(
        "div",
        { class: "row xs" },
        h("b", { class: "num" }, clock(total)),
        h("span", { class: over ? "o-unstable" : "quiet" }, over ? "over the limit" : "active"),
        h("span", { class: `out ${look} xs push` }, h("span", { class: look === "o-passed" ? "dot pulse" : "dot" }), words),
      ),
      bar(
        [
          { look: "accent", share: earlier / scale },
          { look: "edit", share: parts.editing / scale },
          { look: "read", share: parts.reading / scale },
          { look: "wait", share: parts.waiting / scale },
          { look: "away", share: Math.max(0, 1 - total / scale) },
        ],
        3,
      ),
    );
    const left = this.limit === null ? "" : ` · ${clock(this.limit - total)} left of ${clock(this.limit)}`;
    this.hint.replaceChildren(
      `Pause with a reason${left}`,
      h("br"),
      `Since this page was opened: editing ${clock(parts.editing)} · reading ${clock(parts.reading)} · waiting ${clock(parts.waiting)}`,
      h("br"),
      "An estimate; the record decides. Reading counts, pauses do not.",
    );
  }

  private spoken(total: number): string {
    const left = this.limit === null ? "" : `, ${Math.max(0, Math.round((this.limit - total) / 60))} minutes left`;
    return `${Math.floor(total / 60)} minutes ${Math.floor(total % 60)} seconds active${left}`;
  }
}
