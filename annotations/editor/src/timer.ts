/** The timer in the bar: how long, what counts now, how much is left. */
import { type Activity, clock, type Doing } from "./activity";
import { bar, h } from "./dom";

const NEAR_THE_LIMIT = 600; // seconds left

const WORDS: Record<Doing, { look: string; words: string }> = {
  editing: { look: "o-passed", words: "counting, editing" },
  reading: { look: "o-passed", words: "counting, reading" },
  waiting: { look: "o-unstable", words: "waiting for the run" },
  paused: { look: "o-unreached", words: "paused" },
  idle: { look: "o-unreached", words: "not counting" },
};

export class Timer {
  private said = "";
  private told: "" | "near" | "over" = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly hint: HTMLElement,
    private readonly activity: Activity,
    private readonly limit: number | null,
    private readonly on: { near(words: string): void; over(words: string): void },
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
    this.tellOfTheLimit(total);
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

  /** Once each: when little time is left, and when it is over. A page opened after the limit says so at once. */
  private tellOfTheLimit(total: number): void {
    if (this.limit === null) return;
    const left = this.limit - total;
    if (left <= 0 && this.told !== "over") {
      this.told = "over";
      this.on.over(`The time limit of ${clock(this.limit)} active time is over. Nothing is cut off: submit what you have, or give up with a reason.`);
    } else if (left > 0 && left <= Math.min(NEAR_THE_LIMIT, this.limit / 2) && !this.told) {
      this.told = "near";
      this.on.near(`${Math.max(1, Math.round(left / 60))} minutes of active time are left.`);
    }
  }

  private spoken(total: number): string {
    const left = this.limit === null ? "" : `, ${Math.max(0, Math.round((this.limit - total) / 60))} minutes left`;
    return `${Math.floor(total / 60)} minutes ${Math.floor(total % 60)} seconds active${left}`;
  }
}
