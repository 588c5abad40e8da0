/** Notices that the wall clock moved against the page's own, or that the machine slept, and says so once each time. */
import type { Clocks } from "./recorder";

const LOOK_EVERY = 5000;
const TOLERANCE = 2000;
const LONGEST_SLEEP_OF_A_TIMER = 120_000; // a hidden page's timers run once a minute

export class ClockWatch {
  private wall: number;
  private mono: number;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly jumped: (seconds: number) => void,
    private readonly clocks: Clocks = { now: () => Date.now(), mono: () => performance.now() },
  ) {
    this.wall = clocks.now();
    this.mono = clocks.mono();
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Whether it jumped since the last look. Some machines stop the page's own clock while they sleep, others do not. */
  look(): void {
    const wall = this.clocks.now() - this.wall;
    const mono = this.clocks.mono() - this.mono;
    this.wall += wall;
    this.mono += mono;
    const moved = wall - mono;
    if (Math.abs(moved) > TOLERANCE) this.jumped(Math.round(moved / 1000));
    else if (mono > LONGEST_SLEEP_OF_A_TIMER) this.jumped(Math.round((mono - LOOK_EVERY) / 1000));
  }
}
