/** Live news of the session: server-sent events, or polling where they cannot be had. */
import type { RunState, Session } from "./session";

export interface Hears {
  run(state: RunState): void;
  runEnded(run: number, state: string): void;
  fenced(token: number): void;
}

const POLL = 2000;
const GONE_QUIET = 40_000; // a comment comes every 15 s, but scripts do not see it: only an error tells

export class Stream {
  private source: EventSource | null = null;
  private polling = 0;
  private awaited: number | null = null;
  private connected = false;

  constructor(
    private readonly session: Session,
    private readonly hears: Hears,
  ) {}

  open(): void {
    this.source?.close();
    const source = (this.source = this.session.stream());
    source.onopen = () => (this.connected = true);
    source.onerror = () => {
      this.connected = false;
      // The browser tries again by itself unless the answer was no stream at all.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.source === source && this.open(), GONE_QUIET);
    };
    this.on<RunState>("run", (state) => this.hears.run(state));
    this.on<RunState>("run-ended", ({ run, state }) => this.ended(run, state));
    this.on<{ token: number }>("fenced", ({ token }) => this.hears.fenced(token));
  }

  /** Somebody waits for this run: where the stream says nothing, ask. */
  await(run: number): void {
    this.awaited = run;
    clearInterval(this.polling);
    this.polling = window.setInterval(() => void this.poll(), POLL);
  }

  close(): void {
    this.source?.close();
    this.source = null;
    clearInterval(this.polling);
  }

  private on<T>(name: string, hear: (data: T) => void): void {
    this.source!.addEventListener(name, (event) => {
      this.connected = true;
      hear(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  }

  private async poll(): Promise<void> {
    if (this.awaited === null || this.connected) return;
    const state = await this.session.runState().catch(() => null);
    if (!state || state.run !== this.awaited) return;
    if (state.state === "finished" || state.state === "void") this.ended(state.run, state.state);
    else this.hears.run(state);
  }

  private ended(run: number, state: string): void {
    if (this.awaited === run) {
      this.awaited = null;
      clearInterval(this.polling);
    }
    this.hears.runEnded(run, state);
  }
}
