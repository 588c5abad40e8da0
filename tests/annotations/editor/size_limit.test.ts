import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, LARGEST_DOCUMENT } from "../../../annotations/editor/src/size_limit";

test("a file grows up to the limit, not beyond; one that is too long already may shrink", () => {
  assert.equal(fits({ length: 10, newLength: LARGEST_DOCUMENT }), true);
  assert.equal(fits({ length: 10, newLength: LARGEST_DOCUMENT + 1 }), false);
  assert.equal(fits({ length: LARGEST_DOCUMENT + 9, newLength: LARGEST_DOCUMENT + 8 }), true);
  assert.equal(fits({ length: LARGEST_DOCUMENT + 9, newLength: LARGEST_DOCUMENT + 10 }), false);
});
