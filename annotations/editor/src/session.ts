/** The protocol's requests. What each answer means for the page is decided by those who ask. */
import type { LogEvent } from "./events";
import type { StateFile } from "./files";
import type { Answer, Refusal, Wire } from "./uploader";

export interface LastRun {
  id: number;
  state: string;
  purpose: string;
}
export interface SessionState {
  session: number;
  token: number;
  client: string;
  accepted: number;
  digest: string;
  files: StateFile[];
  /** Generated paths that were deleted or renamed away, where the server lists them. */
  deleted?: string[];
  closed: boolean;
  server_time: string;
  idle_limit_seconds: number;
  active_seconds: number;
  time_limit_seconds: number | null;
  last_run: LastRun | null;
}
export type Lease = { token: number; accepted: number } | { error: string; sentence?: string; since?: string };
export interface Asked {
  run?: number;
  digest_matches?: boolean;
  next?: string;
  error?: string;
  sentence?: string;
  accepted?: number;
}
export interface RunState {
  run: number;
  purpose?: string;
  state: string;
  stage?: string;
  done?: number;
  total?: number;
  passed?: number;
  failed?: number;
  sentence?: string;
  /** How many checks were red before and are judged first, and what became of each. */
  first?: number;
  answered?: Record<string, string>;
  /** Its verdict can be fetched; those of the checks after a restart may still be to come. */
  results?: boolean;
}

export function hasEnded({ state }: RunState): boolean {
  return state === "finished" || state === "void" || state === "stopped";
}

/** The server answered, but not with what was asked for. */
export class Unavailable extends Error {
  constructor(readonly status: number) {
    super(
      status === 401 || status === 403
        ? "You are signed out."
        : status === 404
          ? "The server does not know this session, or it is not yours."
          : `The server answered ${status}.`,
    );
  }
}

const REFUSALS: ReadonlySet<string> = new Set(["fenced", "gap", "closed", "broken", "refused", "signed_out"]);

export class Session {
  token = 0;
  readonly wire: Wire = { post: (events) => this.postEvents(events), beacon: (events) => this.sendBeacon(events) };

  constructor(
    readonly base: string,
    readonly client: string,
  ) {}

  async state(): Promise<SessionState> {
    return (await this.get("state")) as SessionState;
  }

  async lease(takeOver: boolean): Promise<Lease> {
    const { status, body } = await this.post("lease", { client: this.client, take_over: takeOver });
    if (status !== 200 && status !== 409) throw new Unavailable(status);
    const lease = body as unknown as Lease;
    if ("token" in lease) this.token = lease.token;
    return lease;
  }

  async requestChecks(through: number, digest: string): Promise<Asked> {
    return this.ask("checks", { client: this.client, token: this.token, through, digest });
  }

  async requestSomeChecks(through: number, digest: string, only: string[]): Promise<Asked> {
    return this.ask("some-checks", { client: this.client, token: this.token, through, digest, only });
  }

  async stopRun(run: number): Promise<boolean> {
    return (await this.post("stop", { client: this.client, token: this.token, run })).body.stopped === true;
  }

  async close(through: number, digest: string, reason: "submitted" | "gave_up", note: string): Promise<Asked> {
    return this.ask("close", { client: this.client, token: this.token, through, digest, reason, note });
  }

  async runState(): Promise<RunState> {
    return (await this.get("run-state")) as RunState;
  }

  runPanel(run: number): Promise<string> {
    return this.fragment(`run-panel?run=${run}`);
  }

  /** The comparison of one file, generated against now; `query` picks the layout and whether white space counts. */
  contract(): Promise<string> {
    return this.fragment("contract?in=panel");
  }

  diff(path: string, query: string): Promise<string> {
    return this.fragment(`diff?path=${encodeURIComponent(path)}&${query}`);
  }

  diffRows(path: string, query: string, rows: string): Promise<string> {
    return this.fragment(`diff-rows?path=${encodeURIComponent(path)}&${query}&rows=${rows}`);
  }

  /** The document of a file as it was generated, and whether its lines end in CRLF; rejects where it is not text. */
  async original(path: string): Promise<{ text: string; crlf: boolean }> {
    const response = await this.fetched(`file?path=${encodeURIComponent(path)}&at=generated`);
    // Not `text()`, which takes a byte order mark away.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
    const breaks = text.split("\n").length;
    const crlf = breaks > 1 && text.split("\r\n").length === breaks;
    return { text: crlf ? text.replaceAll("\r\n", "\n") : text, crlf };
  }

  /** Post something whose answer is a fragment of the page; a refusal is thrown with its sentence. */
  async postForFragment(verb: string, what: object): Promise<string> {
    const response = await this.send(verb, what);
    if (response.redirected) throw new Unavailable(401);
    if (response.ok) return response.text();
    const refusal = (await response.json().catch(() => ({}))) as { sentence?: string };
    throw refusal.sentence ? new Error(refusal.sentence) : new Unavailable(response.status);
  }

  private async postEvents(events: LogEvent[]): Promise<Answer> {
    const { status, body } = await this.post("events", this.envelope(events));
    if (status === 200 && typeof body.accepted === "number") return { ok: true, accepted: body.accepted };
    const said = typeof body.error === "string" ? body.error : "";
    const error = REFUSALS.has(said)
      ? (said as Refusal)
      : status === 401 || status === 403 || status === 404 // 404: signed in as somebody whose session this is not
        ? "signed_out"
        : status === 400 || status === 413
          ? "refused"
          : "unavailable";
    return { ok: false, error, accepted: body.accepted as number, sentence: body.sentence as string };
  }

  private sendBeacon(events: LogEvent[]): boolean {
    const body = JSON.stringify({ ...this.envelope(events), csrf: csrfToken() });
    return navigator.sendBeacon(this.base + "events?beacon=1", new Blob([body], { type: "application/json" }));
  }

  envelope(events: LogEvent[]): object {
    return { client: this.client, token: this.token, first: events[0]!.seq, sent_at: Date.now(), events };
  }

  private async ask(verb: string, what: object): Promise<Asked> {
    const { status, body } = await this.post(verb, what);
    if (status < 400 || typeof body.error === "string") return body as Asked;
    throw new Unavailable(status);
  }

  private async get(verb: string): Promise<unknown> {
    const response = await fetch(this.base + verb, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(30_000) });
    if (!response.ok || response.redirected) throw new Unavailable(response.redirected ? 401 : response.status);
    return response.json();
  }

  private async fragment(address: string): Promise<string> {
    return (await this.fetched(address)).text();
  }

  private async fetched(address: string): Promise<Response> {
    const response = await fetch(this.base + address, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(30_000) });
    if (!response.ok || response.redirected) throw new Unavailable(response.redirected ? 401 : response.status);
    return response;
  }

  private send(verb: string, what: object): Promise<Response> {
    return fetch(this.base + verb, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), Accept: "application/json, text/html" },
      body: JSON.stringify(what),
      signal: AbortSignal.timeout(30_000),
    });
  }

  async post(verb: string, what: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await this.send(verb, what);
    if (response.redirected) return { status: 401, body: { error: "signed_out" } };
    const body: unknown = await response.json().catch(() => ({}));
    return { status: response.status, body: (body ?? {}) as Record<string, unknown> };
  }
}

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}
