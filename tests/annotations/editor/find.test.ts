import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import { toDocument } from "../../../annotations/editor/src/files";
import { compile, find, type Found, type Query } from "../../../annotations/editor/src/find";

const plain = (text: string, more: Partial<Query> = {}): Query => ({ text, matchCase: false, wholeWord: false, pattern: false, ...more });

function found(query: Query, text: string, replacement: string | null = null, most = 1000): Found {
  const answer = find(query, replacement, [["a.py", text]], most);
  assert.ok(typeof answer !== "string", String(answer));
  return answer;
}

/** The text with every hit replaced, the way the page does it. */
function replaced(query: Query, text: string, replacement: string): string {
  const doc = toDocument(text);
  const hits = found(query, text, replacement).files.flatMap(({ hits }) => hits);
  const changes = ChangeSet.of(hits.map(({ from, to, insert }) => ({ from, to, insert: Text.of(insert!.split("\n")) })), doc.length);
  return ChangeSet.fromJSON(JSON.parse(JSON.stringify(changes))).apply(doc).toString();
}

test("case, whole words and characters that mean something in a pattern", () => {
  assert.equal(found(plain("User"), "user User users").places, 3);
  assert.equal(found(plain("User", { matchCase: true }), "user User users").places, 1);
  assert.equal(found(plain("user", { wholeWord: true }), "user User users über_user").places, 2);
  assert.equal(replaced(plain("a.b(c)"), "a.b(c) axb(c)", "$1 $&"), "$1 $& axb(c)");
});

test("places are lines from 1 and UTF-16 units", () => {
  const { files } = found(plain("x"), "🙂x\n\nab x");
  assert.deepEqual(files[0]!.hits.map(({ line, from, to }) => [line, from, to]), [[1, 2, 3], [3, 8, 9]]);
  assert.equal(files[0]!.hits[1]!.before, "ab ");
});

test("a pattern's groups come back in the replacement, an emoji is never cut, a CR stays", () => {
  const pattern = (text: string): Query => plain(text, { pattern: true });
  assert.equal(replaced(pattern("(\\w+)=(\\w+)"), "a=b c=d", "$2=$1"), "b=a d=c");
  assert.equal(replaced(pattern("(?<key>\\w+)=\\w+"), "a=b", "$<key>: $$1 \\t\\\\n"), "a: $1 \t\\n");
  assert.equal(replaced(pattern("(\\w)"), "ab", "$2"), "$2$2");
  assert.equal(replaced(pattern("."), "🙂\ra", "-"), "-\r-".replace("\r", "\r"));
  assert.equal(replaced(pattern("^"), "one\ntwo\n", "# "), "# one\n# two\n# ");
  assert.equal(replaced(pattern("$"), "🙂", "!"), "🙂!");
  assert.equal(replaced(pattern("a\\nb"), "a\nb c", "x\\ny"), "x\ny c");
});

test("replacing equals JavaScript's own replacing, whatever the text", () => {
  const pieces = ["a", "ab", "\n", "🙂", "\ud83d", "\r", "é", " ", "$&", "漢", "A"];
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const some = (most: number): string => Array.from({ length: random(most) }, () => pieces[random(pieces.length)]).join("");
  for (let round = 0; round < 400; round++) {
    const text = some(14);
    const query = plain(some(3) || "a", { matchCase: random(2) === 0, wholeWord: random(3) === 0 });
    const insert = some(3).replace(/\r\n?/g, "\n");
    const expression = compile(query);
    assert.ok(expression instanceof RegExp);
    assert.equal(replaced(query, text, insert), text.replace(expression, () => insert), JSON.stringify({ text, query, insert }));
  }
});

test("what is no pattern is said, and the number of places is limited", () => {
  assert.match(find(plain("(", { pattern: true }), null, [], 10) as string, /no regular expression/);
  const many = found(plain("a"), "a".repeat(500), null, 300);
  assert.deepEqual([many.places, many.cut], [300, true]);
});
