/** Browsers and pages in which the real journal, recorder, uploader and taking up run; around them everything can fail. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { mock } from "node:test";
import type { LogEvent } from "../../../../annotations/editor/src/events";
import type { Files } from "../../../../annotations/editor/src/files";
import { Journal } from "../../../../annotations/editor/src/journal";
import { type Session, Unavailable } from "../../../../annotations/editor/src/session";
import { SessionLog } from "../../../../annotations/editor/src/session_log";
import { takeUp } from "../../../../annotations/editor/src/taking_up";
import type { Answer } from "../../../../annotations/editor/src/uploader";
import type { Batch, Server } from "./server";

/** What becomes of a request; each is tried for the next one only. */
export type Trouble = "answer lost" | "never arrives" | "500" | "twice" | "late copy" | "later half first" | "held up";
const forever = new Promise<never>(() => undefined);

export class Machine {
  readonly pages: Page[] = [];
  offline = false;
  signedOut = false;
  storage: "works" | "full" | "hangs" | "refused" = "works";
  /** When it last hung: a page waits three seconds for it. */
  hung = -Infinity;
  readonly remembered = new Map<string, string>();
  private readonly databases = new IDBFactory();

  constructor(
    readonly name: string,
    readonly server: Server,
    /** Batches still under way somewhere. */
    readonly stragglers: Batch[],
  ) {}

  /** Storage as this machine's pages see it now. */
  enter(): void {
    (globalThis as { indexedDB: unknown }).indexedDB = this.databases;
    (globalThis as { localStorage?: unknown }).localStorage = {
      getItem: (key: string) => this.remembered.get(key) ?? null,
      setItem: (key: string, value: string) => this.remembered.set(key, value),
    };
  }

  async journal(): Promise<Journal> {
    this.enter();
    return Journal.open(this.server.session);
  }

  get hanging(): boolean {
    return Date.now() - this.hung < 3000;
  }

  alive(): Page[] {
    return this.pages.filter((page) => !page.dead);
  }
}

export class Page {
  dead = false;
  locked = true;
  log: SessionLog | null = null;
  troubles: Trouble[] = [];
  beacons: "sent" | "late" | "lost" | "refused" = "sent";
  /** What was typed here and is not known to be saved. */
  readonly typed: string[] = [];
  /** What this page recorded, and what it took over from the one before. */
  private entries: LogEvent[] = [];
  private token = 0;

  constructor(
    readonly machine: Machine,
    readonly client: string,
  ) {
    machine.pages.push(this);
  }

  /** The steps of workspace.ts and Workbench.start; false where the page cannot be opened now. */
  async open(diesAfter = Infinity): Promise<boolean> {
    const { machine } = this;
    const steps = { left: diesAfter };
    const step = <T>(work: () => T): T | Promise<never> => {
      if (--steps.left < 0) this.dead = true;
      return this.dead ? forever : work();
    };
    const journal = machine.storage === "refused" ? null : this.guarded(await machine.journal());
    const others = machine.alive().filter((page) => page !== this && page.log && !page.log.stopped);
    const session = this.session(step);
    const taking = takeUp(session, journal, {
      aliveElsewhere: others.length > 0,
      takeOverAtOnce: false,
      mayTakeOver: async () => true,
      politely: async () => {
        for (const other of others) await other.yieldTo();
      },
    }).catch(() => null);
    const taken = await Promise.race([taking, settled(60).then(() => null)]);
    if (!taken || this.dead) {
      this.dead = true;
      return false;
    }
    this.log = new SessionLog(session, journal, {} as Files, taken.state.accepted, { state: () => undefined, heard: (event) => this.entries.push(event) });
    this.entries = [...taken.kept];
    this.log.adopt(taken.kept, taken.journalled);
    this.log.record("opened", { client: this.client });
    if (taken.tookOverFrom !== null) this.log.record("took_over", { from: taken.tookOverFrom });
    if (taken.stranded) this.log.record("stranded", { entries: taken.stranded });
    this.locked = false;
    return true;
  }

  /** Entries the server has not confirmed to this page. */
  unsaved(): LogEvent[] {
    return this.entries.filter(({ seq }) => seq > this.log!.accepted);
  }

  type(words: string): void {
    if (this.dead || this.locked || this.log!.stopped) return;
    this.log!.record("edit", { path: words, changes: [], user: "input.type" });
    this.typed.push(words);
  }

  async yieldTo(): Promise<void> {
    this.locked = true;
    void this.log!.flush().catch(() => undefined);
    await passing(1400);
    this.log!.stop("fenced", "Another page has taken this session up.");
  }

  private session(step: <T>(work: () => T) => T | Promise<never>): Session {
    const { machine } = this;
    const asked = async <T>(work: () => T): Promise<T> => {
      const trouble = this.troubles.shift();
      if (machine.offline || trouble === "never arrives") throw new TypeError("no network");
      if (machine.signedOut) throw new Unavailable(401);
      if (trouble === "500") throw new Unavailable(500);
      const answer = await step(work);
      if (trouble === "answer lost") throw new TypeError("the answer was lost");
      return answer;
    };
    return {
      client: this.client,
      state: () => asked(() => machine.server.state()),
      lease: (takeOver: boolean) =>
        asked(() => {
          const lease = machine.server.lease(this.client, takeOver);
          if ("token" in lease) this.token = lease.token;
          return lease;
        }),
      envelope: (events: LogEvent[]) => ({ client: this.client, token: this.token, events }),
      post: (_verb: string, batch: Batch) =>
        asked(() => {
          const answer = machine.server.append(batch);
          return answer.ok ? { status: 200, body: answer } : { status: 409, body: answer };
        }),
      wire: { post: (events: LogEvent[]) => this.post(events), beacon: (events: LogEvent[]) => this.beacon(events) },
    } as unknown as Session;
  }

  private async post(events: LogEvent[]): Promise<Answer> {
    const { machine } = this;
    const batch: Batch = { client: this.client, token: this.token, events: structuredClone(events) };
    const trouble = this.troubles.shift();
    if (this.dead) return forever;
    if (machine.offline || trouble === "never arrives") throw new TypeError("no network");
    if (machine.signedOut) return { ok: false, error: "signed_out" };
    if (trouble === "500") return { ok: false, error: "unavailable" };
    if (trouble === "late copy") machine.stragglers.push(batch);
    if (trouble === "held up") {
      machine.stragglers.push(batch);
      await passing(30_000);
      throw new TypeError("took too long");
    }
    if (trouble === "later half first" && events.length > 1) batch.events = batch.events.slice(events.length >> 1);
    const answer = machine.server.append(batch);
    if (trouble === "twice") machine.server.append(batch);
    await settled(1);
    if (trouble === "answer lost") throw new TypeError("the answer was lost");
    return this.dead ? forever : answer;
  }

  private beacon(events: LogEvent[]): boolean {
    const batch: Batch = { client: this.client, token: this.token, events: structuredClone(events) };
    if (this.beacons === "refused") return false;
    if (this.machine.offline || this.machine.signedOut || this.beacons === "lost") return true;
    if (this.beacons === "late") this.machine.stragglers.push(batch);
    else this.machine.server.append(batch);
    return true;
  }

  /** The machine's journal as this page reaches it: not at all once it is dead. */
  private guarded(journal: Journal): Journal {
    const writes = new Set(["write", "adopt", "strand", "confirm"]);
    return new Proxy(journal, {
      get: (target, name: keyof Journal & string) => {
        const method = target[name] as unknown as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => {
          if (this.dead) return forever;
          if (this.machine.storage === "hangs" && writes.has(name)) {
            this.machine.hung = Date.now();
            return forever;
          }
          if (this.machine.storage === "refused" || (this.machine.storage === "full" && writes.has(name) && name !== "confirm"))
            return Promise.reject(new Error("QuotaExceededError"));
          return method.apply(target, given);
        };
      },
    });
  }
}

/** Let everything that needs no time come to its end. */
export async function settled(rounds = 40): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((done) => setImmediate(done));
}

/** So much time passes for everybody. */
export async function passing(milliseconds: number): Promise<void> {
  let over = false;
  setTimeout(() => (over = true), milliseconds);
  while (!over) {
    mock.timers.tick(250);
    await settled(3);
  }
}
