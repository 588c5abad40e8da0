import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockWatch } from "../../../annotations/editor/src/clock_watch";

function watch(): { pass(wall: number, mono?: number): void; said: number[] } {
  let wall = 1_760_000_000_000;
  let mono = 100;
  const said: number[] = [];
  const watching = new ClockWatch((seconds) => said.push(seconds), { now: () => wall, mono: () => mono });
  return {
    said,
    pass(wallPassed, monoPassed = wallPassed) {
      wall += wallPassed;
      mono += monoPassed;
      watching.look();
    },
  };
}

test("time that passes as it should is nothing to say", () => {
  const { said, pass } = watch();
  for (let look = 0; look < 10; look++) pass(5000);
  pass(60_000); // a hidden page's timer
  pass(6900, 5000);
  assert.deepEqual(said, []);
});

test("an hour asleep is said once, whether or not the page's own clock went on meanwhile", () => {
  const { said, pass } = watch();
  pass(3_605_000, 5000);
  pass(5000);
  pass(3_605_000, 3_605_000);
  pass(5000);
  assert.deepEqual(said, [3600, 3600]);
});

test("a wall clock that is set back is said with its sign", () => {
  const { said, pass } = watch();
  pass(-55_000, 5000);
  assert.deepEqual(said, [-60]);
});
