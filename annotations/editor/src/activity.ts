/** The page's estimate of active time, by the rule of the measure: gaps between entries, up to the idle limit. */
import type { LogEvent } from "./events";

export type Doing = "editing" | "reading" | "waiting" | "paused" | "idle";

export class Activity {
  readonly seconds = { editing: 0, reading: 0, waiting: 0 };
  private lastMono: number | null = null;
  private lastDoing: "editing" | "reading" = "reading";
  paused = false;
  waiting = false;

  constructor(
    private readonly before: number,
    private readonly idleLimit: number,
  ) {}

  /** An entry was made at `mono` milliseconds of the page's clock. */
  note(event: Pick<LogEvent, "kind" | "mono">): void {
    const doing = event.kind === "edit" ? "editing" : "reading";
    if (this.lastMono !== null && !this.paused) this.seconds[this.waiting ? "waiting" : doing] += this.countedGap(event.mono);
    this.lastMono = event.mono;
    this.lastDoing = doing;
    if (event.kind === "paused") this.paused = true;
    if (event.kind === "resumed") this.paused = false;
  }

  /** Active seconds of the session as of `mono`, the gap still open included. */
  total(mono: number): number {
    const { editing, reading, waiting } = this.seconds;
    return this.before + editing + reading + waiting + (this.paused ? 0 : this.countedGap(mono));
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

  private countedGap(mono: number): number {
    return Math.min(this.silence(mono), this.idleLimit);
  }
}

/** 18:42, or 1:02:03 from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
