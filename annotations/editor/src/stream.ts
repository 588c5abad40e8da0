/** Live news of the session: from the browser's one event stream, or by polling where that cannot be had. */
import type { LogPiece } from "./live_log";
import { type News, OneStream } from "./one_stream";
import { hasEnded, type RunState, type Session } from "./session";

export interface Hears {
  run(state: RunState): void;
  runEnded(run: number, state: string): void;
  log(piece: LogPiece): void;
  fenced(token: number): void;
}

const POLL = 2000;

export class Stream {
  private readonly shared: OneStream;
  private polling = 0;
  private awaited: number | null = null;

  constructor(
    private readonly session: Session,
    sessionId: number,
    private readonly hears: Hears,
  ) {
    const address = (sessions: number[]): string => `${session.base}../stream?${sessions.map((one) => `session=${one}`).join("&")}`;
    this.shared = new OneStream(sessionId, session.client, address, (name, data) => this.heard(name, data));
  }

  open(): void {
    this.shared.open();
  }

  /** Somebody waits for this run: where the stream says nothing, ask. */
  await(run: number): void {
    this.awaited = run;
    clearInterval(this.polling);
    this.polling = window.setInterval(() => void this.poll(), POLL);
  }

  close(): void {
    this.shared.close();
    clearInterval(this.polling);
  }

  private heard(name: string, data: News): void {
    if (name === "run") this.hears.run(data as unknown as RunState);
    else if (name === "run-ended") this.ended(data.run as number, data.state as string);
    else if (name === "log") this.hears.log(data as unknown as LogPiece);
    else if (name === "fenced") this.hears.fenced(data.token as number);
  }

  private async poll(): Promise<void> {
    if (this.awaited === null || this.shared.connected) return;
    const state = await this.session.runState().catch(() => null);
    if (!state || state.run !== this.awaited) return;
    if (hasEnded(state)) this.ended(state.run, state.state);
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
