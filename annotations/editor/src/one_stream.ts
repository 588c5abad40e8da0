/**
 * One event stream per browser, not per tab. The tabs choose one among them by a lock: it opens the stream for the sessions
 * of all, and passes the news on through a channel. When it goes, however that happens, the lock goes to the next.
 *
 * Without locks (plain http from another machine) every tab has a stream of its own.
 */
export interface News {
  session: number;
  [key: string]: unknown;
}
type Said =
  | { is: "joined"; tab: string; session: number }
  | { is: "left"; tab: string }
  | { is: "who" }
  | { is: "ask"; tab: string }
  | { is: "leading"; connected: boolean }
  | { is: "news"; name: string; data: News };

export const NAMES = ["run", "run-ended", "log", "fenced"] as const;
const LOCK = "amend-stream";
const SILENT = 6000; // milliseconds without a word of the leading tab, when asked every 2 s
const RETRY = 40_000; // after an answer that was no stream

export class OneStream {
  private readonly channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(LOCK) : null;
  private readonly sessions = new Map<string, number>();
  private readonly last = new Map<number, { name: string; data: News }>();
  private source: EventSource | null = null;
  private opened = "";
  private connectedHere = false;
  private leaderHeard = 0;
  private release: (() => void) | null = null;
  private closed = false;

  constructor(
    private readonly session: number,
    private readonly tab: string,
    private readonly address: (sessions: number[]) => string,
    private readonly hear: (name: string, data: News) => void,
  ) {
    this.sessions.set(tab, session);
  }

  open(): void {
    this.channel?.addEventListener("message", (event: MessageEvent<Said>) => this.said(event.data));
    globalThis.addEventListener?.("pagehide", () => this.tell({ is: "left", tab: this.tab }));
    this.tell({ is: "joined", tab: this.tab, session: this.session });
    if (!this.channel || !navigator.locks) return this.lead();
    void navigator.locks
      .request(LOCK, () => {
        if (this.closed) return;
        this.lead();
        return new Promise<void>((done) => (this.release = done));
      })
      .catch(() => undefined);
  }

  /** Whether news come by themselves now; else somebody who waits has to ask the server. */
  get connected(): boolean {
    if (this.source) return this.connectedHere;
    this.tell({ is: "ask", tab: this.tab });
    return Date.now() - this.leaderHeard < SILENT;
  }

  /** This tab is the one whose stream is open. */
  get leads(): boolean {
    return this.source !== null;
  }

  close(): void {
    this.closed = true;
    this.tell({ is: "left", tab: this.tab });
    this.source?.close();
    this.source = null;
    this.release?.();
    this.channel?.close();
  }

  private lead(): void {
    this.tell({ is: "who" });
    this.connect();
  }

  /** Open the stream for the sessions of all tabs; where these have not changed, leave it as it is. */
  private connect(): void {
    const wanted = [...new Set(this.sessions.values())].sort((one, other) => one - other);
    const address = this.address(wanted);
    if (this.closed || (this.source && this.opened === address && this.source.readyState !== EventSource.CLOSED)) return;
    this.source?.close();
    const source = (this.source = new EventSource(address));
    this.opened = address;
    source.onopen = () => this.connection(true);
    source.onerror = () => {
      this.connection(false);
      // The browser tries again by itself unless the answer was no stream at all.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.source === source && this.connect(), RETRY);
    };
    for (const name of NAMES)
      source.addEventListener(name, (event) => {
        const data = JSON.parse((event as MessageEvent<string>).data) as News;
        this.connectedHere = true;
        if (name === "run") this.last.set(data.session, { name, data });
        this.tell({ is: "news", name, data });
        this.pass(name, data);
      });
  }

  private connection(connected: boolean): void {
    this.connectedHere = connected;
    this.tell({ is: "leading", connected });
  }

  private said(said: Said): void {
    switch (said.is) {
      case "joined":
        this.sessions.set(said.tab, said.session);
        if (!this.source) return;
        this.connection(this.connectedHere);
        // Another tab of a session that is streamed already: the stream will not tell its state again.
        if (this.last.has(said.session)) this.tell({ is: "news", ...this.last.get(said.session)! });
        return this.connect();
      case "left":
        this.sessions.delete(said.tab);
        return;
      case "who":
        return this.tell({ is: "joined", tab: this.tab, session: this.session });
      case "ask":
        if (this.source) this.connection(this.connectedHere);
        return;
      case "leading":
        this.leaderHeard = said.connected ? Date.now() : 0;
        return;
      case "news":
        this.leaderHeard = Date.now();
        return this.pass(said.name, said.data);
    }
  }

  private pass(name: string, data: News): void {
    if (data.session === this.session) this.hear(name, data);
  }

  private tell(said: Said): void {
    try {
      this.channel?.postMessage(said);
    } catch {
      // Closed: nobody listens any more.
    }
  }
}
