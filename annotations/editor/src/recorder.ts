/** Numbers what happens and hands it on: first to the journal, then to the uploader. */
import { ChangeSet, type Text } from "@codemirror/state";
import type { Kind, Kinds, LogEvent } from "./events";
import type { Journal } from "./journal";
import type { Uploader } from "./uploader";

export interface Clocks {
  now(): number;
  mono(): number;
}

const browserClocks: Clocks = { now: () => Date.now(), mono: () => performance.now() };
const LONGEST_INSERT = 60_000; // code units in one entry: stays under the size of a batch however it is escaped

export class Recorder {
  journalFailed = false;
  private unwritten: LogEvent[] = [];
  private writing: Promise<void> | null = null;
  private ended = false;

  constructor(
    private readonly page: string,
    private readonly client: string,
    public last: number,
    private readonly journal: Journal | null,
    private readonly uploader: Uploader,
    private readonly heard: (event: LogEvent) => void = () => undefined,
    private readonly clocks: Clocks = browserClocks,
  ) {
    this.journalFailed = journal === null;
  }

  /** Record one thing that happened; false once the page had to stop. */
  record<K extends Kind>(kind: K, what: Kinds[K]): boolean {
    if (this.ended) return false;
    const event = {
      seq: ++this.last,
      at: Math.round(this.clocks.now()),
      mono: Math.round(this.clocks.mono()),
      page: this.page,
      kind,
      ...what,
    } as LogEvent;
    this.uploader.add(event);
    this.unwritten.push(event);
    this.writing ??= this.write();
    this.heard(event);
    return true;
  }

  /** Record a change of a document; a very long insertion becomes several entries. */
  recordEdit(path: string, changes: ChangeSet, user: string): void {
    for (const part of inParts(changes, LONGEST_INSERT)) this.record("edit", { path, changes: part.toJSON(), user });
  }

  /** Take up entries of an earlier page load that are in the journal already. */
  adopt(events: LogEvent[]): void {
    for (const event of events) this.uploader.add(event);
    this.last = events.at(-1)?.seq ?? this.last;
    this.uploader.release(this.last);
  }

  end(): void {
    this.ended = true;
  }

  /** Resolves when the journal holds everything recorded so far. */
  async written(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private async write(): Promise<void> {
    await Promise.resolve(); // what is recorded in one go is written in one go
    while (this.unwritten.length) {
      const events = this.unwritten.splice(0);
      try {
        if (!this.journal) throw new Error("no journal");
        await this.journal.write(this.client, events);
      } catch {
        this.journalFailed = true;
      }
      this.uploader.release(events.at(-1)!.seq);
    }
    this.writing = null;
  }
}

/** The same change as one or more change sets in sequence, none inserting more than `most` code units. */
export function inParts(changes: ChangeSet, most: number): ChangeSet[] {
  const inserts: { at: number; text: Text }[] = [];
  const removals: { from: number; to: number }[] = [];
  let total = 0;
  changes.iterChanges((fromA, toA, fromB, _toB, inserted) => {
    if (toA > fromA) removals.push({ from: fromA, to: toA });
    if (inserted.length) inserts.push({ at: fromB, text: inserted });
    total += inserted.length;
  });
  if (total <= most) return [changes];
  const parts: ChangeSet[] = [];
  let length = changes.length;
  const add = (part: ChangeSet): void => {
    parts.push(part);
    length = part.newLength;
  };
  if (removals.length) add(ChangeSet.of(removals, length));
  for (const { at, text } of inserts) {
    for (let from = 0; from < text.length; ) {
      let to = Math.min(from + most, text.length);
      if (to < text.length && isHighSurrogate(text, to - 1)) to--;
      add(ChangeSet.of({ from: at + from, insert: text.slice(from, to) }, length));
      from = to;
    }
  }
  return parts;
}

function isHighSurrogate(text: Text, at: number): boolean {
  const unit = text.sliceString(at, at + 1).charCodeAt(0);
  return unit >= 0xd800 && unit < 0xdc00;
}
