/**
 * The page's estimate of active time, by the rule of annotations/effort.py: a gap between two entries counts when it is no
 * longer than the idle limit, otherwise not at all; a "yes, still working" buys the limit; paused and hidden time never counts.
 */
import type { LogEvent } from "./events";

export type Doing = "editing" | "reading" | "waiting" | "paused" | "idle";

export class Activity {
  readonly seconds = { editing: 0, reading: 0, waiting: 0 };
  private lastMono: number | null = null;
  private lastDoing: "editing" | "reading" = "reading";
  paused = false;
  private hidden = false;
  waiting = false;

  constructor(
    private readonly before: number,
    private readonly idleLimit: number,
  ) {}

  /** An entry was made at `mono` milliseconds of the page's clock. */
  note(event: Pick<LogEvent, "kind" | "mono"> & { answer?: string }): void {
    const doing = event.kind === "edit" ? "editing" : "reading";
    this.seconds[this.waiting && doing === "reading" ? "waiting" : doing] += event.answer === "away" ? 0 : this.countedGap(event.mono, event.answer === "yes");
    this.lastMono = event.mono;
    this.lastDoing = doing;
    if (event.kind === "paused") this.paused = true;
    if (event.kind === "resumed") this.paused = false;
    if (event.kind === "hidden") this.hidden = true;
    if (event.kind === "visible" || event.kind === "opened") this.hidden = false;
    if (event.kind === "opened") this.paused = false; // of a page that went during a pause
  }

  /** Active seconds of the session as of `mono`, the gap still open included. */
  total(mono: number): number {
    const { editing, reading, waiting } = this.seconds;
    return this.before + editing + reading + waiting + this.countedGap(mono);
  }

  doing(mono: number): Doing {
    if (this.paused) return "paused";
    if (this.lastMono === null || this.silence(mono) > this.idleLimit) return "idle";
    if (this.waiting) return "waiting";
    return this.lastDoing === "editing" && this.silence(mono) < 15 ? "editing" : "reading";
  }

  /** Seconds since the last entry. */
  silence(mono: number): number {
    return this.lastMono === null ? 0 : Math.max(0, (mono - this.lastMono) / 1000);
  }

  get started(): boolean {
    return this.lastMono !== null;
  }

  private countedGap(mono: number, confirmed = false): number {
    if (this.paused || this.hidden) return 0;
    const gap = this.silence(mono);
    return gap <= this.idleLimit ? gap : confirmed ? this.idleLimit : 0;
  }
}

/** 18:42, or 1:02:03 from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
