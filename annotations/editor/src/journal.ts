/**
 * The browser's own copy of entries the server has not confirmed yet, in IndexedDB.
 *
 * Rows belong to the page load that wrote them (its client id): where two pages wrote the same numbers, neither overwrites
 * the other. Rows that can no longer be part of the log are kept as stranded until the person decides.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { LogEvent } from "./events";

interface Row {
  session: number;
  client: string;
  seq: number;
  event: LogEvent;
}
export interface Stranded {
  id?: number;
  session: number;
  client: string;
  at: number;
  events: LogEvent[];
  /** The entry that says so, by `mark`: in the log, or on its way there from this journal. */
  recorded?: string;
}
interface Tables extends DBSchema {
  events: { key: [number, string, number]; value: Row };
  stranded: { key: number; value: Stranded; indexes: { session: number } };
}

export class Journal {
  private constructor(
    private readonly db: IDBPDatabase<Tables>,
    private readonly session: number,
  ) {}

  /** Rejects where the browser offers no storage (private windows of some browsers, a full disk). */
  static async open(session: number): Promise<Journal> {
    const db = await openDB<Tables>("amend-workspace", 1, {
      upgrade(fresh) {
        fresh.createObjectStore("events", { keyPath: ["session", "client", "seq"] });
        fresh.createObjectStore("stranded", { keyPath: "id", autoIncrement: true }).createIndex("session", "session");
      },
    });
    return new Journal(db, session);
  }

  /** All or nothing. With an entry that says `stranded`, what is set aside counts as recorded. */
  async write(client: string, events: LogEvent[]): Promise<void> {
    const transaction = this.db.transaction(["events", "stranded"], "readwrite");
    const store = transaction.objectStore("events");
    for (const event of events) void store.put({ session: this.session, client, seq: event.seq, event });
    const saying = events.find(({ kind }) => kind === "stranded");
    if (saying) {
      const aside = transaction.objectStore("stranded");
      for (const row of await aside.index("session").getAll(this.session)) if (!row.recorded) void aside.put({ ...row, recorded: mark(saying) });
    }
    await transaction.done;
  }

  /** Forget what the server has confirmed. */
  async confirm(client: string, through: number): Promise<void> {
    await this.db.delete("events", IDBKeyRange.bound([this.session, client, 0], [this.session, client, through]));
  }

  /** Unconfirmed entries of every page load of this browser, in order. */
  async unconfirmed(): Promise<Map<string, LogEvent[]>> {
    const rows = await this.db.getAll("events", IDBKeyRange.bound([this.session], [this.session + 1], false, true));
    const byClient = new Map<string, LogEvent[]>();
    for (const row of rows) byClient.set(row.client, [...(byClient.get(row.client) ?? []), row.event]);
    return byClient;
  }

  /** Entries of an earlier page load go on under a new one. */
  async adopt(from: string, to: string, events: LogEvent[]): Promise<void> {
    const transaction = this.db.transaction("events", "readwrite");
    void transaction.store.delete(IDBKeyRange.bound([this.session, from, 0], [this.session, from, Infinity]));
    for (const event of events) void transaction.store.put({ session: this.session, client: to, seq: event.seq, event });
    await transaction.done;
  }

  /** Set entries aside that cannot follow what the server has; nothing is thrown away unasked. */
  async strand(client: string, events: LogEvent[]): Promise<void> {
    const transaction = this.db.transaction(["events", "stranded"], "readwrite");
    void transaction.objectStore("events").delete(IDBKeyRange.bound([this.session, client, 0], [this.session, client, Infinity]));
    const aside = transaction.objectStore("stranded");
    const saying = new Set(events.filter(({ kind }) => kind === "stranded").map(mark));
    if (saying.size)
      for (const row of await aside.index("session").getAll(this.session)) if (saying.has(row.recorded ?? "")) void aside.put({ ...row, recorded: "" });
    if (events.length) void aside.add({ session: this.session, client, at: Date.now(), events });
    await transaction.done;
  }

  stranded(): Promise<Stranded[]> {
    return this.db.getAllFromIndex("stranded", "session", this.session);
  }

  async forgetStranded(): Promise<void> {
    for (const one of await this.stranded()) await this.db.delete("stranded", one.id!);
  }

  close(): void {
    this.db.close();
  }
}

function mark({ page, seq }: LogEvent): string {
  return `${page} ${seq}`;
}
