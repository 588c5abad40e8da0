/** The server of docs/workspace-protocol.md as far as the log goes: leases, fences, batches stored once. */
import type { LogEvent } from "../../../../annotations/editor/src/events";
import type { Lease, SessionState } from "../../../../annotations/editor/src/session";
import type { Answer } from "../../../../annotations/editor/src/uploader";

export interface Batch {
  client: string;
  token: number;
  events: LogEvent[];
}

export class Server {
  readonly log: LogEvent[] = [];
  client = "";
  token = 0;

  constructor(readonly session: number) {}

  state(): SessionState {
    return { session: this.session, client: this.client, token: this.token, accepted: this.log.length, closed: false } as unknown as SessionState;
  }

  lease(client: string, takeOver: boolean): Lease {
    if (this.client && this.client !== client && !takeOver) return { error: "held" };
    if (this.client !== client) [this.client, this.token] = [client, this.token + 1];
    return { token: this.token, accepted: this.log.length };
  }

  /** `append_events` of annotations/event_log.py. */
  append({ client, token, events }: Batch): Answer {
    const accepted = this.log.length;
    const first = events[0]!.seq;
    const fenced = client !== this.client || token !== this.token;
    if (events.some((event) => event.seq <= accepted && JSON.stringify(this.log[event.seq - 1]) !== JSON.stringify(event)))
      return { ok: false, error: fenced ? "fenced" : "broken", accepted, sentence: "another content" };
    if (events.at(-1)!.seq <= accepted) return { ok: true, accepted };
    if (fenced) return { ok: false, error: "fenced", accepted };
    if (first > accepted + 1) return { ok: false, error: "gap", accepted };
    this.log.push(...structuredClone(events.filter(({ seq }) => seq > accepted)));
    return { ok: true, accepted: this.log.length };
  }
}
