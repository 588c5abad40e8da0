import assert from "node:assert/strict";
import { test } from "node:test";
import { type News, OneStream } from "../../../annotations/editor/src/one_stream";

class Source {
  static opened: Source[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();
  constructor(readonly address: string) {
    Source.opened.push(this);
  }
  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(name, listener);
  }
  close(): void {
    this.readyState = Source.CLOSED;
  }
  say(name: string, data: News): void {
    this.listeners.get(name)!({ data: JSON.stringify(data) });
  }
}

/** A lock like the browser's: the next one in the queue gets it when the holder's promise ends. */
class Locks {
  private queue: Promise<unknown> = Promise.resolve();
  request(_: string, use: () => Promise<void> | undefined): Promise<unknown> {
    return (this.queue = this.queue.then(use));
  }
}

/** Tabs of one browser; each notes what it hears. */
function browser(): (session: number) => { stream: OneStream; heard: string[] } {
  Source.opened = [];
  Object.defineProperty(globalThis, "EventSource", { value: Source, configurable: true });
  Object.defineProperty(globalThis, "navigator", { value: { locks: new Locks() }, configurable: true });
  let count = 0;
  return (session) => {
    const heard: string[] = [];
    const stream = new OneStream(session, `tab-${++count}`, (sessions) => sessions.join(), (name, data) => heard.push(`${name} ${String(data.run)}`));
    stream.open();
    return { stream, heard };
  };
}

const messages = (): Promise<void> => new Promise((done) => setTimeout(done, 60));
const latest = (): Source => Source.opened.at(-1)!;

test("one tab opens the stream for the sessions of all, and each hears the news of its own", async () => {
  const tab = browser();
  const [first, second] = [tab(12), tab(15)];
  await messages();
  assert.deepEqual(Source.opened.map(({ address }) => address), ["12", "12,15"]);
  latest().onopen!();
  latest().say("run", { session: 15, run: 7 });
  latest().say("run", { session: 12, run: 8 });
  await messages();
  assert.deepEqual([first.heard, second.heard], [["run 8"], ["run 7"]]);
  assert.deepEqual([first.stream.leads, second.stream.leads], [true, false]);
  for (const { stream } of [first, second]) stream.close();
});

test("when the tab with the stream goes, the next one opens it", async () => {
  const tab = browser();
  const [first, second] = [tab(12), tab(15)];
  await messages();
  first.stream.close();
  await messages();
  assert.equal(latest().address, "15");
  assert.equal(second.stream.leads, true);
  latest().say("run", { session: 15, run: 9 });
  assert.deepEqual(second.heard, ["run 9"]);
  second.stream.close();
});

test("a second tab of the same session is told the present state without another stream", async () => {
  const tab = browser();
  const first = tab(12);
  await messages();
  latest().say("run", { session: 12, run: 8 });
  const second = tab(12);
  await messages();
  assert.deepEqual(second.heard, ["run 8"]);
  assert.equal(Source.opened.length, 1);
  for (const { stream } of [second, first]) stream.close();
});

test("a tab knows that no news come: its own stream is broken, or that of the tab that has it", async () => {
  const tab = browser();
  const [first, second] = [tab(12), tab(15)];
  await messages();
  latest().onopen!();
  await messages();
  assert.deepEqual([first.stream.connected, second.stream.connected], [true, true]);
  latest().onerror!();
  await messages();
  assert.deepEqual([first.stream.connected, second.stream.connected], [false, false]);
  for (const { stream } of [second, first]) stream.close();
});

test("where tabs cannot agree each has a stream of its own", () => {
  const tab = browser();
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const [first, second] = [tab(12), tab(12)];
  assert.deepEqual([first.stream.leads, second.stream.leads], [true, true]);
  for (const { stream } of [first, second]) stream.close();
});
