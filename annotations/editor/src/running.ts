/** Runs as the page sees them: asked for, going on, first verdict, ended; and the button that asks. */
import type { Activity } from "./activity";
import type { Panel } from "./checks";
import { byId, h, icon } from "./dom";
import { greenNow, Live } from "./run_progress";
import { type Asked, hasEnded, type RunState, type Session } from "./session";
import type { SessionLog } from "./session_log";
import type { Stream } from "./stream";

export class Running {
  private goingOn: number | null = null;
  private asking = false;
  private live: Live | null = null;
  private fetchingFirst = false;
  private announced = "";
  private stopped: number | null = null;

  constructor(
    private readonly session: Session,
    private readonly log: SessionLog,
    private readonly panel: Panel,
    private readonly stream: Stream,
    private readonly activity: Activity,
    private readonly on: { begun(run: number): void; verdict(): void },
  ) {}

  get busy(): boolean {
    return this.goingOn !== null;
  }

  /** All checks: a verdict. */
  ask(): Promise<void> {
    return this.request((through, hash) => this.session.requestChecks(through, hash), "checks.requested", this.panel.reds());
  }

  /** Some checks and those they need: a quick look, and no verdict. */
  askOnly(checks: ReadonlyMap<string, string>): Promise<void> {
    return this.request((through, hash) => this.session.requestSomeChecks(through, hash, [...checks.keys()]), "some.requested", checks);
  }

  private async request(ask: (through: number, hash: string) => Promise<Asked>, kind: "checks.requested" | "some.requested", awaited: ReadonlyMap<string, string>): Promise<void> {
    if (this.busy || this.asking || this.log.stopped) return;
    this.asking = true;
    this.drawButton();
    try {
      this.log.recordHash();
      const asked = await this.log.withEverythingSaved(ask);
      if (asked.run !== undefined) {
        this.log.record(kind, { run: asked.run });
        this.begin(asked.run, awaited);
        if (asked.digest_matches === false) say("The server's hash of the files differs from this browser's; this has been recorded. The run judges what the record says.");
      } else if (asked.error === "running") say(asked.sentence ?? "The last run is still going on.");
      else if (asked.error === "fenced" || asked.error === "closed" || asked.error === "broken") this.log.stop(asked.error, asked.sentence ?? "");
      else say(asked.sentence ?? "The checks could not be asked for. Try again.");
    } catch (error) {
      say(error instanceof Error && this.log.stopped ? error.message : "The checks could not be asked for: the server cannot be reached. Your edits are kept.");
    } finally {
      this.asking = false;
      this.drawButton();
    }
  }

  begin(run: number, awaited: ReadonlyMap<string, string> = this.panel.reds()): void {
    if (this.goingOn === run) return;
    this.goingOn = run;
    this.activity.waiting = true;
    this.announced = "";
    this.live?.end();
    this.on.begun(run);
    if (this.panel.judgedRun !== run) {
      this.live = new Live(this.panel.placeOfLive(), awaited, () => void this.stop(run));
      this.live.draw({ run, state: "queued", sentence: "Waiting for a place to run." });
    }
    this.drawButton();
    this.stream.await(run);
  }

  /** Nobody waits for this run any more; what stood there before it stands there again. */
  private async stop(run: number): Promise<void> {
    this.stopped = run; // what is told of it from here on is not shown
    const stopped = await this.session.stopRun(run).catch(() => null);
    if (!stopped) {
      this.stopped = null;
      if (stopped === null) return say("The run could not be stopped: the server cannot be reached. It ends by itself.");
      return this.heard(await this.session.runState()); // it was quicker
    }
    this.log.record("run.stopped", { run });
    this.goingOn = null;
    this.noLongerWaits();
    this.panel.forgetAnswers();
    byId("announce").textContent = "The run was stopped.";
    this.drawButton();
  }

  heard(state: RunState): void {
    const { run } = state;
    if (run === this.stopped) return; // what its worker said before it knew
    if (hasEnded(state)) {
      if (this.goingOn === run) void this.ended(run);
      return;
    }
    this.begin(run);
    if (state.results) void this.showFirstVerdict(run, state);
    else {
      this.live?.draw(state);
      this.panel.answer(state.answered ?? {});
      this.announceRedFirst(state);
    }
  }

  async ended(run: number): Promise<void> {
    if (this.goingOn !== run || this.stopped === run) return;
    this.goingOn = null;
    try {
      const html = await this.session.runPanel(run);
      if (this.panel.showPartial(html)) {
        this.panel.forgetAnswers();
        byId("dock-run").textContent = "Only some checks";
        this.log.record("run.seen", { run });
      } else this.showVerdict(run, html);
      const head = document.querySelector("#run-partial .runhead") ?? this.panel.element.querySelector(".runhead");
      byId("announce").textContent = `The run has ended. ${head?.textContent?.replace(/\s+/g, " ").trim() ?? ""}`;
    } catch {
      say("The run has ended, but its result could not be fetched.", { label: "Fetch it again", click: () => { this.goingOn = run; void this.ended(run); } });
    }
    this.noLongerWaits();
    this.drawButton();
  }

  drawButton(): void {
    const button = byId<HTMLButtonElement>("run-checks");
    const busy = this.busy || this.asking;
    button.disabled = busy || this.log.stopped;
    button.classList.toggle("wa-brand", !button.disabled);
    button.classList.toggle("wa-outlined", button.disabled);
    button.replaceChildren(...(busy ? ["Running…"] : [icon("play", "i-s"), " Run checks ", h("kbd", {}, "Ctrl ↵")]));
  }

  /** Everything but what comes after the restart: it is shown while the run goes on. */
  private async showFirstVerdict(run: number, state: RunState): Promise<void> {
    if (this.panel.judgedRun === run) {
      if (state.stage === "contract" && state.total) this.panel.toCome(state.total - (state.done ?? 0));
      return;
    }
    if (this.fetchingFirst) return;
    this.fetchingFirst = true;
    try {
      const html = await this.session.runPanel(run);
      if (this.goingOn === run) this.showVerdict(run, html);
    } catch {
      // The end of the run brings the whole verdict.
    } finally {
      this.fetchingFirst = false;
    }
  }

  private showVerdict(run: number, html: string): void {
    const seen = this.panel.judgedRun === run;
    byId("partial-place").replaceChildren(); // it was about the files before this run
    this.panel.replace(html);
    if (!seen) this.log.record("run.seen", { run });
    this.noLongerWaits();
    this.on.verdict();
  }

  /** The timer and the panel are as without a run. */
  private noLongerWaits(): void {
    this.activity.waiting = false;
    this.live?.end();
    this.live = null;
  }

  private announceRedFirst(state: RunState): void {
    const words = greenNow(state, state.first ?? 0);
    if (!state.first || Object.keys(state.answered ?? {}).length < state.first || words === this.announced) return;
    this.announced = words;
    byId("announce").textContent = words;
  }
}

/** A sentence above the panel; stays until the next run. */
export function say(words: string, action?: { label: string; click(): void }): void {
  const place = byId("run-note");
  place.hidden = false;
  place.replaceChildren(
    h(
      "div",
      { class: "note unstable" },
      icon("alert"),
      h("span", {}, words),
      h("button", { type: "button", class: "wa-outlined s push", click: () => { place.hidden = true; action?.click(); } }, action?.label ?? "Close"),
    ),
  );
}
