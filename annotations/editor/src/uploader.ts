/**
 * Brings entries to the server: in order, in batches at most two seconds old, again and again until confirmed.
 *
 * Nothing is sent before the journal has it. Sending twice is harmless (the server compares); what each refusal means
 * is the table of docs/workspace-protocol.md.
 */
import type { LogEvent } from "./events";

export const MOST_EVENTS = 500;
export const MOST_BYTES = 450 * 1024; // the server takes 512 kB; the rest is the envelope
export const BEACON_BYTES = 60 * 1024; // browsers queue 64 KiB of beacons
const BATCH_DELAY = 1000;
const LONGEST_WAIT = 30_000;
const KEPT_AFTER_CONFIRMATION = 2000; // for a server that asks again, `gap`

export type Refusal = "fenced" | "gap" | "closed" | "broken" | "refused" | "signed_out";
export type Answer =
  | { ok: true; accepted: number }
  | { ok: false; error: Refusal | "unavailable"; accepted?: number; sentence?: string };

export interface Wire {
  /** Post a batch. Rejects where the network fails. */
  post(events: LogEvent[]): Promise<Answer>;
  /** Hand a batch to the browser to send after the page is gone; false where it refuses. */
  beacon(events: LogEvent[]): boolean;
}

export type SaveState =
  | { is: "saved" }
  | { is: "saving" }
  | { is: "offline"; since: number; nextTry: number }
  | { is: "signed_out"; nextTry: number }
  | { is: "stopped"; why: "fenced" | "closed" | "broken" | "refused"; sentence: string };

interface Waiting {
  event: LogEvent;
  bytes: number;
}

interface Flush {
  through: number;
  done(): void;
  failed(why: Error): void;
}

export class Uploader {
  state: SaveState = { is: "saved" };
  confirmedAt: number | null = null;
  private readonly entries: Waiting[] = [];
  private journalled = 0;
  private sending = false;
  private failures = 0;
  private gaps = 0; // in a row; a network that failed before is another matter
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timerAt = Infinity;
  private flushes: Flush[] = [];

  constructor(
    private readonly wire: Wire,
    public accepted: number,
    private readonly on: { state(state: SaveState): void; confirmed(through: number): void },
    private readonly random: () => number = Math.random,
  ) {
    this.journalled = accepted;
  }

  /** Number of entries the server has not confirmed. */
  get unsent(): number {
    const last = this.entries.at(-1)?.event.seq ?? this.accepted;
    return Math.max(0, last - this.accepted);
  }

  /** The edits among them. */
  get unsentEdits(): number {
    return this.entries.filter(({ event }) => event.seq > this.accepted && isChange(event)).length;
  }

  get stopped(): boolean {
    return this.state.is === "stopped";
  }

  add(event: LogEvent): void {
    this.entries.push({ event, bytes: byteLength(JSON.stringify(event)) + 1 });
    if (this.state.is === "saved") this.become({ is: "saving" }); // from this moment it is not
  }

  /** The journal holds everything up to this number (or has given up): it may be sent. */
  release(through: number): void {
    this.journalled = Math.max(this.journalled, through);
    if (this.stopped) return;
    if (this.failures === 0) this.wake(this.flushes.length ? 0 : BATCH_DELAY);
  }

  /** Resolves when everything up to `through` is confirmed; rejects where the page had to stop. */
  flush(through: number): Promise<void> {
    if (this.accepted >= through) return Promise.resolve();
    if (this.state.is === "stopped") return Promise.reject(new Error(this.state.sentence));
    const promise = new Promise<void>((done, failed) => this.flushes.push({ through, done, failed }));
    this.wake(0);
    return promise;
  }

  /** Try at once, without waiting for the back-off. */
  tryNow(): void {
    if (!this.stopped) this.wake(0);
  }

  /** At page hide: what fits into a beacon; the journal keeps the rest. */
  beacon(): void {
    if (this.stopped || this.unsent === 0) return;
    const batch = this.batch(BEACON_BYTES, Infinity);
    if (batch.length) this.wire.beacon(batch);
  }

  stop(why: "fenced" | "closed" | "broken" | "refused", sentence: string): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.become({ is: "stopped", why, sentence });
    for (const flush of this.flushes.splice(0)) flush.failed(new Error(sentence));
  }

  private wake(delay: number): void {
    const at = Date.now() + delay;
    if (at >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => {
      this.timerAt = Infinity;
      void this.pump();
    }, delay);
  }

  private async pump(): Promise<void> {
    if (this.sending || this.stopped) return;
    this.sending = true;
    try {
      for (let batch = this.batch(); batch.length && !this.stopped; batch = this.batch()) {
        if (this.failures === 0) this.become({ is: "saving" });
        let answer: Answer;
        try {
          answer = await this.wire.post(batch);
        } catch {
          answer = { ok: false, error: "unavailable" };
        }
        if (this.stopped) return;
        if (!this.take(answer, batch.at(-1)!.seq)) return;
      }
      if (!this.stopped && this.unsent === 0) this.become({ is: "saved" });
    } finally {
      this.sending = false;
    }
  }

  /** Whether to go on at once. */
  private take(answer: Answer, last: number): boolean {
    if (answer.ok) {
      this.failures = this.gaps = 0;
      this.confirm(Math.min(answer.accepted, last)); // what the log has beyond it may be another page's
      return true;
    }
    switch (answer.error) {
      case "fenced":
        this.stop("fenced", answer.sentence ?? "Another page has taken this session up.");
        return false;
      case "closed":
        this.stop("closed", answer.sentence ?? "This session has been closed.");
        return false;
      case "broken":
      case "refused":
        this.stop(answer.error, answer.sentence ?? "The server did not accept the entries.");
        return false;
      case "gap":
        return this.sendAgainFrom(answer.accepted ?? 0);
      case "signed_out":
        this.become({ is: "signed_out", nextTry: this.backOff() });
        return false;
      default:
        this.become({
          is: "offline",
          since: this.state.is === "offline" ? this.state.since : Date.now(),
          nextTry: this.backOff(),
        });
        return false;
    }
  }

  private confirm(accepted: number): void {
    if (accepted <= this.accepted) return;
    this.accepted = accepted;
    this.confirmedAt = Date.now();
    const surplus = this.entries.findIndex(({ event }) => event.seq > accepted - KEPT_AFTER_CONFIRMATION);
    if (surplus > 0) this.entries.splice(0, surplus);
    this.on.confirmed(accepted);
    for (const flush of this.flushes.filter(({ through }) => through <= accepted)) flush.done();
    this.flushes = this.flushes.filter(({ through }) => through > accepted);
  }

  private sendAgainFrom(accepted: number): boolean {
    const first = this.entries[0]?.event.seq ?? Infinity;
    if (accepted + 1 < first || ++this.gaps > 5) {
      this.stop("broken", `The server asks for entry ${accepted + 1} again, which this page no longer has.`);
      return false;
    }
    this.accepted = accepted;
    return true;
  }

  private backOff(): number {
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures) * (0.75 + 0.5 * this.random());
    this.failures++;
    this.wake(wait);
    return Date.now() + wait;
  }

  private batch(mostBytes = MOST_BYTES, journalled = this.journalled): LogEvent[] {
    const batch: LogEvent[] = [];
    let bytes = 0;
    for (const entry of this.entries) {
      if (entry.event.seq <= this.accepted) continue;
      bytes += entry.bytes;
      if (entry.event.seq > journalled || batch.length === MOST_EVENTS || (batch.length > 0 && bytes > mostBytes)) break;
      if (bytes > mostBytes && mostBytes === BEACON_BYTES) break;
      batch.push(entry.event);
    }
    return batch;
  }

  private become(state: SaveState): void {
    this.state = state;
    this.on.state(state);
  }
}

/** Whether an entry changes files. */
export function isChange(event: LogEvent): boolean {
  return event.kind === "edit" || ["file.created", "file.renamed", "file.deleted"].includes(event.kind);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
