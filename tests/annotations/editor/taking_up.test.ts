/** Taking a session up after several things went wrong together: what goes on, and what is set aside. */
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { Journal } from "../../../annotations/editor/src/journal";
import type { Lease, Session, SessionState } from "../../../annotations/editor/src/session";
import { type Asking, takeUp } from "../../../annotations/editor/src/taking_up";

const focus = (seq: number, page: string): LogEvent => ({ seq, at: 1, mono: 1, page, kind: "focus" });
const remembered = new Map<string, string>();
(globalThis as { localStorage?: unknown }).localStorage = {
  getItem: (key: string) => remembered.get(key) ?? null,
  setItem: (key: string, value: string) => remembered.set(key, value),
};
beforeEach(() => remembered.clear());

/** A server with one session, whose log holds these entries. */
class Server {
  client = "";
  token = 0;

  constructor(
    readonly id: number,
    readonly log: LogEvent[] = [],
  ) {}

  /** A page that speaks to it; `mute` loses the answer to the request for the lease. */
  page(client: string, mute = false): Session {
    return {
      client,
      state: async () => ({ session: this.id, client: this.client, token: this.token, accepted: this.log.length, closed: false }) as unknown as SessionState,
      lease: async (takeOver: boolean): Promise<Lease> => {
        if (this.client && this.client !== client && !takeOver) return { error: "held" };
        if (this.client !== client) [this.client, this.token] = [client, this.token + 1];
        if (mute) throw new TypeError("the answer was lost");
        return { token: this.token, accepted: this.log.length };
      },
      envelope: (events: LogEvent[]) => ({ events }),
      post: async (_verb: string, { events }: { events: LogEvent[] }) =>
        events.every((event) => this.log[event.seq - 1]?.page === event.page) ? { status: 200, body: {} } : { status: 409, body: { error: "broken" } },
    } as unknown as Session;
  }
}

const alone: Asking = { aliveElsewhere: false, takeOverAtOnce: false, mayTakeOver: async () => assert.fail("asked"), politely: async () => undefined };

test("a page that ended after it was given the session, before it knew, stands in nobody's way", async () => {
  const server = new Server(21, [focus(1, "a")]);
  const journal = await Journal.open(21);
  await takeUp(server.page("a"), journal, alone);
  await journal.write("a", [focus(2, "a"), focus(3, "a")]);
  for (const client of ["b", "c"]) await assert.rejects(takeUp(server.page(client, true), journal, alone), TypeError);
  const taken = await takeUp(server.page("d"), journal, alone);
  assert.deepEqual(taken!.kept.map(({ seq }) => seq), [2, 3]);
  assert.equal(taken!.stranded, 0);
});

test("what a page had typed after another of this browser took up is not mixed in, even where the numbers would fit", async () => {
  const server = new Server(22, [focus(1, "a")]);
  const journal = await Journal.open(22);
  await takeUp(server.page("a"), journal, alone);
  await takeUp(server.page("b"), journal, alone);
  server.log.push(focus(2, "b"));
  await journal.write("a", [focus(3, "a")]); // of a page that was frozen and typed into afterwards
  const taken = await takeUp(server.page("c"), journal, alone);
  assert.deepEqual([taken!.kept, taken!.stranded], [[], 1]);
});

test("entries whose confirmation was lost are in the log and are not set aside", async () => {
  const server = new Server(23);
  const journal = await Journal.open(23);
  await takeUp(server.page("a"), journal, alone);
  await journal.write("a", [focus(1, "a"), focus(2, "a"), focus(3, "a")]);
  server.log.push(focus(1, "a"), focus(2, "a"));
  await takeUp(server.page("another machine"), null, { ...alone, takeOverAtOnce: true });
  server.log.push(focus(3, "z"));
  const taken = await takeUp(server.page("b"), journal, { ...alone, mayTakeOver: async () => true });
  assert.deepEqual([taken!.kept, taken!.stranded], [[], 1]);
  assert.deepEqual((await journal.stranded()).map(({ events }) => events.map(({ seq }) => seq)), [[3]]);
});

test("what was set aside is told again by the next page where the first ended before it could record it", async () => {
  const server = new Server(24, [focus(1, "z")]);
  const journal = await Journal.open(24);
  await journal.write("a", [focus(1, "a")]);
  assert.equal((await takeUp(server.page("b"), journal, alone))!.stranded, 1);
  assert.equal((await takeUp(server.page("c"), journal, alone))!.stranded, 1);
  await journal.write("c", [{ seq: 2, at: 1, mono: 1, page: "c", kind: "stranded", entries: 1 }]);
  const taken = await takeUp(server.page("d"), journal, alone);
  assert.deepEqual([taken!.kept.length, taken!.stranded], [1, 0]);
});

test("a full disk keeps nobody from taking up, and nothing is doubled by it", async () => {
  const server = new Server(25);
  const journal = await Journal.open(25);
  await takeUp(server.page("a"), journal, alone);
  await journal.write("a", [focus(1, "a"), focus(2, "a")]);
  const full = Object.assign(Object.create(journal) as Journal, { adopt: () => Promise.reject(new Error("full")), strand: () => Promise.reject(new Error("full")) });
  const taken = await takeUp(server.page("b"), full, alone);
  assert.deepEqual([taken!.kept.length, taken!.journalled, taken!.stranded], [2, false, 0]);
  server.log.push(focus(1, "a"), focus(2, "a"));
  assert.equal((await takeUp(server.page("c"), journal, alone))!.stranded, 0);
});
