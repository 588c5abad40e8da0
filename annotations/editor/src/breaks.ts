/** Pausing with a reason, and the question after silence. */
import type { Activity } from "./activity";
import { ask } from "./dialogs";
import type { LogEvent } from "./events";
import type { SessionLog } from "./session_log";

export class Breaks {
  private asked = false;
  private quietSince = performance.now();

  constructor(
    private readonly log: SessionLog,
    private readonly activity: Activity,
    private readonly idleLimit: number,
    private readonly on: { runGoesOn(): boolean; resumed(): void },
  ) {}

  /** Something was done: silence starts anew. That a clock jumped is nobody's doing: somebody who slept is still asked. */
  heard(event: LogEvent): void {
    if (event.kind === "clock.jumped") return;
    this.asked = false;
    this.quietSince = performance.now();
  }

  watch(): void {
    setInterval(() => this.askAfterSilence(), 1000);
  }

  async pause(): Promise<void> {
    if (this.log.stopped) return;
    const { choice, values } = await ask({
      title: "Pause",
      words: ["Paused time does not count. Your place is kept."],
      fields: [
        { name: "reason", label: "Why", options: ["A break", "Interrupted by somebody", "A meeting or another task", "Something here does not work", "Another reason"] },
        { name: "more", label: "In your words (may stay empty)" },
      ],
      choices: [
        { value: "no", label: "Go on working" },
        { value: "pause", label: "Pause", look: "wa-brand" },
      ],
      escape: "no",
    });
    if (choice !== "pause") return;
    const reason = [values.reason, values.more].filter(Boolean).join(": ");
    this.log.record("paused", { reason });
    const since = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    await ask({ title: `Paused since ${since}`, words: [reason, "Nothing counts until you go on."], choices: [{ value: "go", label: "Go on", look: "wa-brand" }] });
    this.log.record("resumed", { reason: "" });
    this.on.resumed();
  }

  private askAfterSilence(): void {
    if (this.asked || this.log.stopped || this.activity.paused || this.on.runGoesOn()) return;
    if (performance.now() - this.quietSince < 1000 * this.idleLimit || document.querySelector("dialog.ask[open]")) return;
    this.asked = true;
    void ask({
      title: "Still working?",
      words: [`Nothing has been done here for ${Math.round(this.idleLimit / 60)} minutes. If you were reading or thinking about this, say so; your answer is recorded.`],
      choices: [
        { value: "away", label: "No, I was away" },
        { value: "yes", label: "Yes, still working", look: "wa-brand" },
      ],
    }).then(({ choice }) => this.log.record("still_working", { answer: choice === "yes" ? "yes" : "away" }));
  }
}
