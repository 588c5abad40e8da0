/** Numbers what happens and hands it on: first to the journal, then to the uploader. */
import { ChangeSet, Text } from "@codemirror/state";
import type { Kind, Kinds, LogEvent } from "./events";
import type { Journal } from "./journal";
import type { Uploader } from "./uploader";

export interface Clocks {
  now(): number;
  mono(): number;
}

const browserClocks: Clocks = { now: () => Date.now(), mono: () => performance.now() };
const LONGEST_INSERT = 60_000; // code units in one entry: with …
const MOST_PLACES = 4000; // … so many places it stays under the size of a batch however it is escaped
const LONGEST_WRITE = 3000; // milliseconds; a storage that hangs must not keep entries from the server

export class Recorder {
  /** The journal took neither the last entries nor those before them that it had refused. */
  journalFailed = false;
  private unwritten: LogEvent[] = [];
  private refused: LogEvent[] = [];
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

  /** Record a change of a document; what is too long for one entry becomes several. */
  recordEdit(path: string, changes: ChangeSet, user: string): void {
    for (const part of inParts(changes, LONGEST_INSERT)) this.record("edit", { path, changes: part.toJSON(), user });
  }

  /** Record a new file; of a long text (a deleted file that comes back) the rest is written into it. */
  recordCreated({ path, text, ...more }: Kinds["file.created"]): void {
    const [first = ChangeSet.empty(0), ...rest] = inParts(ChangeSet.of({ from: 0, insert: Text.of(text.split("\n")) }, 0), LONGEST_INSERT);
    this.record("file.created", { path, text: first.apply(Text.empty).toString(), ...more });
    for (const part of rest) this.record("edit", { path, changes: part.toJSON(), user: "restore.file" });
  }

  /** Take up entries of an earlier page load, which the journal holds under this page's name unless it is full. */
  adopt(events: LogEvent[], journalled = true): void {
    for (const event of events) this.uploader.add(event);
    this.last = events.at(-1)?.seq ?? this.last;
    if (!journalled) this.refused.push(...events);
    this.uploader.release(this.last);
  }

  /** Offer the journal once more what it refused. */
  keepAgain(): void {
    if (this.refused.length && this.journal) this.writing ??= this.write();
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
    do {
      const events = this.unwritten.splice(0);
      await this.keep(events);
      if (events.length) this.uploader.release(events.at(-1)!.seq);
    } while (this.unwritten.length);
    this.writing = null;
  }

  /** Into the journal, after what it refused before and the server does not have yet. */
  private async keep(events: LogEvent[]): Promise<void> {
    const missing = this.refused.filter(({ seq, kind }) => seq > this.uploader.accepted || kind === "stranded");
    this.refused = [...missing, ...events];
    try {
      if (!this.journal) throw new Error("no journal");
      await within(LONGEST_WRITE, this.journal.write(this.client, this.refused));
      this.refused = [];
      this.journalFailed = false;
    } catch {
      this.journalFailed = true;
    }
  }
}

/** The same promise, which fails where it takes longer. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error("took too long")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The same change as one or more change sets in sequence, none inserting more than `most` code units or at more `places`. */
export function inParts(changes: ChangeSet, most: number, places = MOST_PLACES): ChangeSet[] {
  let total = 0;
  let count = 0;
  changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
    total += inserted.length;
    count++;
  });
  if (total <= most && count <= places) return [changes];
  const parts: ChangeSet[] = [];
  let length = changes.length;
  let moved = 0; // by how much the parts so far moved what follows them
  let pending: { from: number; to: number; insert: Text }[] = [];
  let room = most;
  const close = (): void => {
    const part = ChangeSet.of(pending, length);
    parts.push(part);
    moved += part.newLength - length;
    length = part.newLength;
    pending = [];
    room = most;
  };
  changes.iterChanges((fromA, toA, _fromB, _toB, text) => {
    let start = fromA;
    for (let from = 0; ; ) {
      let to = Math.min(from + room, text.length);
      if (to > from && to < text.length && isHighSurrogate(text, to - 1)) to--;
      pending.push({ from: start + moved, to: toA + moved, insert: text.slice(from, to) });
      room -= to - from;
      if (to === text.length) break;
      close();
      start = toA; // the rest goes where the replaced text ended
      from = to;
    }
    if (pending.length >= places || room < 2) close();
  });
  if (pending.length) close();
  return parts;
}

function isHighSurrogate(text: Text, at: number): boolean {
  const unit = text.sliceString(at, at + 1).charCodeAt(0);
  return unit >= 0xd800 && unit < 0xdc00;
}
