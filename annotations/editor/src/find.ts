/** Finding in texts, and what a replacement puts there. Pure; runs in a worker, since a pattern may never come to an end. */

export interface Query {
  text: string;
  matchCase: boolean;
  wholeWord: boolean;
  pattern: boolean;
}

/** A place in a document, in UTF-16 code units; `line` counts from 1. */
export interface Hit {
  from: number;
  to: number;
  line: number;
  /** The line as it is, and where in it the hit begins; a long line is cut around the hit. */
  before: string;
  found: string;
  after: string;
  /** What comes in its place; null where nothing is to be replaced. */
  insert: string | null;
}
export interface FileHits {
  path: string;
  hits: Hit[];
}
export interface Found {
  files: FileHits[];
  places: number;
  /** There are more than were asked for. */
  cut: boolean;
}

const CONTEXT = 120;

/** The query as a regular expression, or a sentence that says why it is none. */
export function compile(query: Query): RegExp | string {
  const source = query.pattern ? query.text : query.text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  try {
    return new RegExp(query.wholeWord ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source, `gmu${query.matchCase ? "" : "i"}`);
  } catch (error) {
    return `This is no regular expression: ${String((error as Error).message).replace(/^Invalid regular expression: /, "")}.`;
  }
}

/** The first `most` places in all texts, file by file in the order given. */
export function find(query: Query, replacement: string | null, texts: readonly (readonly [string, string])[], most: number): Found | string {
  const expression = compile(query);
  if (typeof expression === "string") return expression;
  const files: FileHits[] = [];
  let places = 0;
  for (const [path, text] of texts) {
    const hits = findIn(text, expression, query.pattern, replacement, most - places);
    if (hits.length) files.push({ path, hits });
    places += hits.length;
    if (places >= most) return { files, places, cut: true };
  }
  return { files, places, cut: false };
}

function findIn(text: string, expression: RegExp, pattern: boolean, replacement: string | null, most: number): Hit[] {
  const hits: Hit[] = [];
  let line = 1;
  let lineFrom = 0;
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match && hits.length < most; match = expression.exec(text)) {
    const from = match.index;
    const to = from + match[0].length;
    for (let end = text.indexOf("\n", lineFrom); end >= 0 && end < from; end = text.indexOf("\n", lineFrom)) {
      line++;
      lineFrom = end + 1;
    }
    const lineEnd = text.indexOf("\n", Math.max(from, to - 1));
    const until = lineEnd < 0 ? text.length : lineEnd;
    hits.push({
      from,
      to,
      line,
      before: text.slice(Math.max(lineFrom, from - CONTEXT), from),
      found: match[0].slice(0, CONTEXT),
      after: text.slice(to, Math.min(Math.max(to, until), to + CONTEXT)),
      insert: replacement === null ? null : (pattern ? expand(replacement, match) : replacement).replace(/\r\n?/g, "\n"),
    });
    // An empty match would be found for ever.
    if (from === to) expression.lastIndex = to + (isPair(text, to) ? 2 : 1);
  }
  return hits;
}

/** `$1`, `$&`, `$<name>`, `$$`, `\n`, `\t` and `\\` in a replacement; what names no group stays as it is. */
export function expand(template: string, match: RegExpExecArray): string {
  return template.replace(/\$(\$|&|\d{1,2}|<[^>]*>)|\\(n|t|\\)/g, (whole, group: string | undefined, escape: string | undefined) => {
    if (escape) return { n: "\n", t: "\t", "\\": "\\" }[escape]!;
    if (group === "$") return "$";
    if (group === "&") return match[0];
    if (group!.startsWith("<")) return match.groups ? (match.groups[group!.slice(1, -1)] ?? "") : whole;
    const number = Number(group);
    return number >= 1 && number < match.length ? (match[number] ?? "") : whole;
  });
}

function isPair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length;
}
