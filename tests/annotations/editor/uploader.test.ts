import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { type Answer, BEACON_BYTES, Uploader } from "../../../annotations/editor/src/uploader";

const focus = (seq: number): LogEvent => ({ seq, at: 1, mono: 1, page: "p", kind: "focus" });
const paste = (seq: number, size: number): LogEvent => ({ seq, at: 1, mono: 1, page: "p", kind: "edit", path: "a", changes: [[0, "x".repeat(size)]], user: "input.paste" });

interface Tried {
  uploader: Uploader;
  batches: number[][];
  beacons: number[][];
  states: string[];
  confirmed: number[];
  pass(milliseconds: number): Promise<void>;
}

/** An uploader whose server answers with `answers` in turn, then takes everything. */
function trying(accepted: number, ...answers: (Answer | Error)[]): Tried {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const batches: number[][] = [];
  const beacons: number[][] = [];
  const states: string[] = [];
  const confirmed: number[] = [];
  const uploader = new Uploader(
    {
      post: async (events) => {
        batches.push(events.map(({ seq }) => seq));
        const answer = answers.shift() ?? { ok: true, accepted: events.at(-1)!.seq };
        if (answer instanceof Error) throw answer;
        return answer;
      },
      beacon: (events) => beacons.push(events.map(({ seq }) => seq)) > 0,
    },
    accepted,
    { state: (state) => states.push(state.is), confirmed: (through) => confirmed.push(through) },
    () => 0.5,
  );
  const pass = async (milliseconds: number): Promise<void> => {
    mock.timers.tick(milliseconds);
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  return { uploader, batches, beacons, states, confirmed, pass };
}

function add(uploader: Uploader, ...events: LogEvent[]): void {
  for (const event of events) uploader.add(event);
  uploader.release(events.at(-1)!.seq);
}

test("entries of one second go in one batch", async () => {
  const { uploader, batches, confirmed, pass } = trying(4);
  add(uploader, focus(5));
  await pass(500);
  add(uploader, focus(6));
  assert.deepEqual(batches, []);
  await pass(500);
  assert.deepEqual(batches, [[5, 6]]);
  assert.deepEqual(confirmed, [6]);
  assert.equal(uploader.state.is, "saved");
});

test("from the moment an entry exists it is not said that everything is saved", async () => {
  const { uploader, pass } = trying(0);
  add(uploader, focus(1));
  await pass(1000);
  assert.equal(uploader.state.is, "saved");
  uploader.add(focus(2)); // the journal is still at it
  assert.equal(uploader.state.is, "saving");
});

test("an answer confirms no more than what was sent: what the log has beyond it is another page's", async () => {
  const { uploader, batches, confirmed, pass } = trying(0, { ok: true, accepted: 8 });
  add(uploader, focus(1));
  await pass(1000);
  add(uploader, focus(2));
  await pass(1000);
  assert.deepEqual([batches, confirmed], [[[1], [2]], [1, 2]]);
});

test("what the journal does not have is not sent", async () => {
  const { uploader, batches, pass } = trying(0);
  add(uploader, focus(1));
  uploader.add(focus(2));
  await pass(1000);
  assert.deepEqual(batches, [[1]]);
});

test("a failing network is tried again after 1, 2, 4 … at most 30 seconds", async () => {
  const { uploader, batches, pass } = trying(0, ...Array.from({ length: 7 }, () => new TypeError("no network")));
  add(uploader, focus(1));
  await pass(1000);
  for (const [index, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
    assert.equal(uploader.state.is, "offline");
    await pass(seconds * 1000 - 10);
    assert.equal(batches.length, index + 1);
    await pass(10);
    assert.equal(batches.length, index + 2);
  }
  assert.equal(uploader.state.is, "saved");
});

test("entries made while offline do not hurry the back-off", async () => {
  const { uploader, batches, pass } = trying(0, new TypeError("no network"), new TypeError("no network"));
  add(uploader, focus(1));
  await pass(1000);
  await pass(1000);
  add(uploader, focus(2));
  await pass(1500);
  assert.equal(batches.length, 2);
  await pass(500);
  assert.deepEqual(batches.at(-1), [1, 2]);
});

test("a gap is sent again from where the server stands", async () => {
  const { uploader, batches, pass } = trying(2, { ok: true, accepted: 4 }, { ok: false, error: "gap", accepted: 3 });
  add(uploader, focus(3), focus(4));
  await pass(1000);
  add(uploader, focus(5));
  await pass(1000);
  assert.deepEqual(batches, [[3, 4], [5], [4, 5]]);
  assert.equal(uploader.accepted, 5);
});

test("a gap after a long time without a network is sent again like any other", async () => {
  const { uploader, batches, pass } = trying(0, ...Array.from({ length: 6 }, () => new TypeError("no network")), { ok: false, error: "gap", accepted: 0 });
  add(uploader, focus(1));
  for (let tried = 0; tried < 7; tried++) await pass(31_000);
  assert.equal(uploader.state.is, "saved");
  assert.equal(batches.length, 8);
});

test("a gap before everything this page has stops it", async () => {
  const { uploader, pass } = trying(9, { ok: false, error: "gap", accepted: 3 });
  add(uploader, focus(10));
  await pass(1000);
  assert.equal(uploader.state.is === "stopped" && uploader.state.why, "broken");
});

for (const error of ["fenced", "closed", "broken", "refused"] as const)
  test(`${error} stops for good and keeps the count`, async () => {
    const { uploader, batches, pass } = trying(0, { ok: false, error, sentence: "Why." });
    add(uploader, paste(1, 3));
    const flushed = assert.rejects(uploader.flush(1), /Why\./);
    await pass(1000);
    await flushed;
    add(uploader, focus(2));
    await pass(60_000);
    assert.deepEqual(batches, [[1]]);
    assert.deepEqual(uploader.state, { is: "stopped", why: error, sentence: "Why." });
    assert.equal(uploader.unsentEdits, 1);
  });

test("signed out keeps trying", async () => {
  const { uploader, states, pass } = trying(0, { ok: false, error: "signed_out" });
  add(uploader, focus(1));
  await pass(1000);
  assert.equal(uploader.state.is, "signed_out");
  await pass(1000);
  assert.deepEqual([...new Set(states)], ["saving", "signed_out", "saved"]);
});

test("a flush goes at once and waits for the confirmation", async () => {
  const { uploader, batches, pass } = trying(0);
  add(uploader, focus(1));
  let done = false;
  void uploader.flush(1).then(() => (done = true));
  await pass(0);
  assert.deepEqual(batches, [[1]]);
  assert.equal(done, true);
});

test("batches hold at most 500 entries and 450 kB", async () => {
  const { uploader, batches, pass } = trying(0);
  add(uploader, ...Array.from({ length: 501 }, (_, index) => focus(index + 1)), paste(502, 300_000), paste(503, 300_000));
  await pass(1000);
  assert.deepEqual(batches.map((batch) => batch.length), [500, 2, 1]);
});

test("the beacon takes the first entries that fit", async () => {
  const { uploader, beacons } = trying(0);
  for (let seq = 1; seq <= 10; seq++) uploader.add(paste(seq, BEACON_BYTES / 5));
  uploader.beacon();
  assert.deepEqual(beacons, [[1, 2, 3, 4]]);
});
