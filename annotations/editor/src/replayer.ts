/** The files of a session at any entry of its log: keyframes from the server, the entries between them played here. */
import type { Text } from "@codemirror/state";
import type { LogEvent } from "./events";
import { Files, toDocument } from "./files";

export interface Chunk {
  texts: Record<string, string | null>;
  gone: string[];
  shown: string;
  events: LogEvent[];
}

/** What stood on the screen after an entry. `doc` is null where the file is not text or none was open. */
export interface Moment {
  path: string;
  doc: Text | null;
  head: number | null;
}

interface Played {
  chunk: Chunk;
  /** Moments after each of the chunk's events; documents are shared ropes, so a chunk of them is small. */
  moments: { seq: number; moment: Moment }[];
}

const CHUNKS_KEPT = 6;

export class Replayer {
  private readonly chunks = new Map<number, Promise<Played>>();

  constructor(
    private readonly generated: Record<string, string | null>,
    private readonly size: number,
    private readonly fetchChunk: (number: number) => Promise<Chunk>,
  ) {}

  /** What stood on the screen after the entry `seq` (1, 2, 3 …). */
  async at(seq: number): Promise<Moment> {
    const { moments } = await this.chunk(Math.floor(Math.max(0, seq - 1) / this.size));
    let low = 0;
    let high = moments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (moments[middle]!.seq <= seq) low = middle;
      else high = middle - 1;
    }
    return moments[low]!.moment;
  }

  private chunk(number: number): Promise<Played> {
    const known = this.chunks.get(number);
    if (known) return known;
    const played = this.fetchChunk(number).then((chunk) => this.play(chunk));
    played.catch(() => this.chunks.delete(number)); // asked for again next time
    this.chunks.set(number, played);
    for (const old of [...this.chunks.keys()].slice(0, -CHUNKS_KEPT)) this.chunks.delete(old);
    return played;
  }

  private play(chunk: Chunk): Played {
    const texts = { ...this.generated, ...chunk.texts };
    for (const path of chunk.gone) if (!(path in chunk.texts)) delete texts[path];
    const files = new Files(Object.entries(texts).map(([path, text]) => ({ path, text })));
    let now: Moment = { path: chunk.shown, doc: files.get(chunk.shown)?.doc ?? null, head: null };
    const moments = [{ seq: 0, moment: now }];
    for (const event of chunk.events) {
      files.apply(event);
      now = after(event, now, files);
      moments.push({ seq: event.seq, moment: now });
    }
    return { chunk, moments };
  }
}

function after(event: LogEvent, before: Moment, files: Files): Moment {
  const on = (path: string, head: number | null): Moment => ({ path, doc: files.get(path)?.doc ?? null, head });
  switch (event.kind) {
    case "edit":
      return on(event.path, endOfChange(event.changes));
    case "file.opened":
    case "file.created":
    case "finding.opened":
      return on(event.path, event.path === before.path ? before.head : null);
    case "file.renamed":
      return on(event.to, null);
    case "file.deleted":
      return event.path === before.path ? { path: "", doc: null, head: null } : before;
    case "selected":
      return event.path === before.path ? { ...before, head: event.head } : before;
    default:
      return before;
  }
}

/** Where the cursor is after typing: behind the last thing that was inserted or deleted. */
function endOfChange(changes: unknown): number {
  let at = 0;
  let end = 0;
  for (const section of changes as (number | [number, ...string[]])[]) {
    if (typeof section === "number") at += section;
    else {
      const inserted = section.slice(1).join("\n").length;
      at += inserted;
      end = at;
    }
  }
  return end;
}

export { toDocument };
