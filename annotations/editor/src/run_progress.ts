/** The head of the panel while a run is going on: counts, what became of the checks somebody waits for, a sentence. */
import { bar, counted, h, icon } from "./dom";
import type { RunState } from "./session";

const MOST_DOTS = 60;

/** The head of the panel while a run is going on: what became of the red checks first, then how far it is. */
export class Live {
  private readonly started = Date.now();
  private readonly title = h("h2", { class: "small nowrap" });
  private readonly told = h("span", { class: "xs quiet num one-line" });
  private readonly seconds = h("span", { class: "xs quiet num push" });
  private readonly stop = h("button", { type: "button", class: "wa-outlined s", click: () => this.askToStop() }, "Stop");
  private readonly parts = h("div", { class: "stack" });
  private readonly clock = window.setInterval(() => this.tick(), 100);

  constructor(
    private readonly place: HTMLElement,
    private readonly reds: ReadonlyMap<string, string>,
    private readonly onStop: () => void,
  ) {
    // The head stays while the rest is drawn again and again, or a press on its button would be lost.
    this.place.replaceChildren(h("div", { class: "row nowrap" }, this.title, this.told, this.seconds, this.stop), this.parts);
  }

  draw(state: RunState): void {
    // Only the checks are counted; the stages before them say in a sentence what is going on.
    const counting = state.stage === "contract";
    const done = counting ? (state.done ?? 0) : 0;
    const total = counting ? (state.total ?? 0) : 0;
    const passed = counting ? (state.passed ?? 0) : 0;
    const failed = counting ? (state.failed ?? 0) : 0;
    const some = state.purpose === "partial" ? ` ${counted(this.awaitedIn(state), "check")} only` : "";
    this.tick();
    this.title.textContent = state.state === "queued" ? "Waiting for its turn" : `Running${some}`;
    this.told.textContent = total ? `${done} of ${total} checks` : (state.sentence ?? "");
    this.parts.replaceChildren(
      total
        ? bar([{ look: "passed", share: passed / total }, { look: "failed", share: failed / total }, { look: "todo", share: 1 - (passed + failed) / total }], 6)
        : h("progress", { "aria-label": "The run is being prepared" }),
      h(
        "div",
        { class: "row xs gap-4" },
        h("span", { class: "out o-passed" }, icon("passed"), h("b", {}, String(passed)), " passed"),
        h("span", { class: "out o-failed" }, icon("failed"), h("b", {}, String(failed)), " failed"),
        total ? h("span", { class: "quiet num push" }, `${Math.max(0, total - done)} to come`) : null,
      ),
      ...this.awaited(state),
    );
  }

  end(): void {
    clearInterval(this.clock);
    this.place.remove();
  }

  private askToStop(): void {
    this.stop.disabled = true;
    this.onStop();
  }

  /** What became of the checks that were red: a sentence, and a square each that takes its colour as it is answered. */
  private awaited(state: RunState): Node[] {
    const answered = state.answered ?? {};
    const count = this.awaitedIn(state);
    if (!count) return [];
    const dots = [...this.reds].slice(0, MOST_DOTS).map(([id, title]) => {
      const now = answered[id] ?? "";
      return h("span", { class: "dot-of", "data-awaited": id, "data-now": now, title: `${title}: ${wordFor(now)}` });
    });
    return [
      h(
        "div",
        { class: "row xs awaited" },
        h("span", { class: "strong" }, greenNow(state, count)),
        h("span", { class: "dots", "aria-hidden": "true" }, ...dots),
        count > dots.length ? h("span", { class: "quiet" }, `and ${count - dots.length} more`) : null,
      ),
    ];
  }

  private awaitedIn(state: RunState): number {
    return Math.max(this.reds.size, state.first ?? 0);
  }

  private tick(): void {
    this.seconds.textContent = `${((Date.now() - this.started) / 1000).toFixed(1)} s`;
  }
}

/** "2 of 3 red checks are green now". */
export function greenNow(state: RunState, count: number): string {
  const green = Object.values(state.answered ?? {}).filter((outcome) => outcome === "passed").length;
  const what = state.purpose === "partial" ? "check" : "red check";
  return `${green} of ${counted(count, what)} ${green === 1 || count === 1 ? "is" : "are"} green now`;
}

const LOOKS: Record<string, [look: string, word: string]> = {
  passed: ["fixed", "fixed"],
  failed: ["failed", "still red"],
  unstable: ["unstable", "unstable"],
  not_reached: ["unreached", "not reached"],
};

/** The mark of a red check in the run that goes on. */
export function lookOf(outcome: string): HTMLElement {
  const look = LOOKS[outcome]?.[0] ?? "unreached";
  return h("span", { class: `out o-${look}` }, icon(look), h("span", { class: "sr" }, `${wordFor(outcome)}:`));
}

function wordFor(outcome: string): string {
  return LOOKS[outcome]?.[1] ?? "to come";
}
