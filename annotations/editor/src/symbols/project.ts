/**
 * The names of a whole project: where a name is defined, where it is used, what can be written here.
 *
 * Read from the texts as they are in the browser, unsaved edits included, by the editor's own parsers; nothing is run or
 * imported. Where what stands before the dot cannot be known, members of that name are guessed, and said to be guessed;
 * of what is certainly a library's, nothing is said. tests/symbols holds it beside jedi and the TypeScript language service.
 */
import type { Text } from "@codemirror/state";
import type { Parser, Tree } from "@lezer/common";
import { javascriptSymbols } from "./javascript";
import { type FileSymbols, innermost, type Kind, type Name, namesAround } from "./model";
import { pythonSymbols } from "./python";
import { type Defined, type File, key, Resolver } from "./resolving";

export interface Place {
  path: string;
  from: number;
  to: number;
  name: string;
  kind: Kind | null;
  /** The class or function it stands in. */
  within: string;
  /** Only its name fits: what stands before the dot is not known. */
  guessed: boolean;
}
export interface Suggestion {
  name: string;
  kind: Kind;
  detail: string;
}

/** Whatever knows a project's symbols: this index, or a language server one day. Offsets are UTF-16 code units. */
export interface SymbolSource {
  definitions(path: string, at: number): Promise<Place[]>;
  references(path: string, at: number): Promise<Place[]>;
  completions(path: string, at: number): Promise<Suggestion[]>;
  all(): Promise<Place[]>;
  /** Names of the classes and functions around a place, outermost first. */
  around(path: string, at: number): Promise<string[]>;
}

export interface Texts {
  paths(): string[];
  doc(path: string): Text | null;
}

const LONGEST = 200_000;
const SLICE = 12; // milliseconds of parsing before the page gets a turn
const LONGEST_ANSWER = 3000; // milliseconds of looking for references; what was found by then is told
const LONGEST_PARSE = 800; // milliseconds of parsing one file may take, by the clock, or its names stay unknown

// What stands before the last dot: names, members and calls.
const BEFORE_DOT = /((?:[\p{L}_$#][\p{L}\p{N}_$]*(?:\([^()]*\))?\??\.)*)[\p{L}\p{N}_$]*$/u;

export class ProjectSymbols implements SymbolSource {
  private readonly read = new WeakMap<Text, FileSymbols | null>();
  private readonly files = new Map<string, File>();
  private pathSet: ReadonlySet<string> = new Set();
  private resolver = new Resolver(this.files, this.pathSet);
  /** When the page last had a turn, in milliseconds of its clock. */
  private lastTurn = 0;

  constructor(
    private readonly texts: Texts,
    private readonly parserFor: (path: string) => Promise<Parser | null>,
    private readonly pause: () => Promise<void> = () => new Promise((done) => setTimeout(done)),
    private readonly longestParse = LONGEST_PARSE,
  ) {}

  async definitions(path: string, at: number): Promise<Place[]> {
    await this.refresh();
    return this.definitionsAt(path, at).map(placeOf);
  }

  async references(path: string, at: number): Promise<Place[]> {
    await this.refresh();
    const wanted = new Set(this.definitionsAt(path, at).map(key));
    const name = this.nameAt(path, at)?.name;
    if (!name || !wanted.size) return [];
    const found: Defined[] = [];
    const begun = performance.now();
    for (const file of [...this.files.values()])
      for (const own of file.symbols.names)
        if (own.name === name || own.imports?.name === name) {
          const now = performance.now();
          if (now - begun > LONGEST_ANSWER) break;
          if (now - this.lastTurn > SLICE) {
            await this.pause();
            this.lastTurn = performance.now();
          }
          const meant = this.resolver.definitions(file, own).find((defined) => wanted.has(key(defined)));
          if (meant) found.push({ file, name: own, guessed: meant.guessed });
        }
    // Certain ones first, each place once: a name may be two things, as `{ name }` is.
    found.sort((one, other) => Number(one.guessed ?? false) - Number(other.guessed ?? false));
    const places = new Map<string, Defined>();
    for (const one of found) if (!places.has(key(one))) places.set(key(one), one);
    return [...places.values()].map(placeOf);
  }

  async completions(path: string, at: number): Promise<Suggestion[]> {
    await this.refresh();
    const file = this.files.get(path);
    const text = this.texts.doc(path)?.sliceString(Math.max(0, at - 200), at) ?? "";
    if (!file) return [];
    const before = BEFORE_DOT.exec(text)?.[1] ?? "";
    const scope = innermost(file.symbols, at);
    if (before || /\.[\p{L}\p{N}_$]*$/u.test(text)) {
      const path = before.slice(0, -1).replaceAll(/\([^()]*\)/gu, "()").replaceAll("?", "");
      const members = before ? this.resolver.members(file, scope, path) : null;
      return suggestions(members ?? [...this.allNames()].filter(({ file: other, name }) => name.member !== null || other.symbols.scopes[name.scope]!.is === "class"));
    }
    const visible = file.symbols.names.filter((name) => name.defines && name.member === null && isVisible(file.symbols, name, scope, file.dotted)).map((name) => ({ file, name }));
    const elsewhere = [...this.allNames()].filter(({ file: other, name }) => other !== file && name.scope === 0 && name.member === null && name.defines !== "import" && name.defines !== "variable");
    return suggestions([...visible, ...elsewhere]);
  }

  async all(): Promise<Place[]> {
    await this.refresh();
    return [...this.allNames()].filter(({ name }) => name.defines && ["class", "function", "method", "type"].includes(name.defines)).map(placeOf);
  }

  async around(path: string, at: number): Promise<string[]> {
    await this.readOne(path);
    const symbols = this.files.get(path)?.symbols;
    return symbols ? namesAround(symbols, innermost(symbols, at)) : [];
  }

  // Reading

  /** Read what has changed since the last question. */
  private async refresh(): Promise<void> {
    const paths = this.texts.paths();
    this.pathSet = new Set(paths);
    for (const path of this.files.keys()) if (!this.pathSet.has(path)) this.files.delete(path);
    for (const path of paths) await this.readOne(path);
    this.resolver = new Resolver(this.files, this.pathSet);
  }

  private async readOne(path: string): Promise<void> {
    const doc = this.texts.doc(path);
    if (!doc || doc.length > LONGEST) return void this.files.delete(path);
    let symbols = this.read.get(doc);
    if (symbols === undefined) {
      const parser = await this.parserFor(path).catch(() => null);
      symbols = parser ? await this.parse(parser, doc.toString(), isPython(path)) : null;
      this.read.set(doc, symbols);
    }
    if (symbols) this.files.set(path, { path, dotted: isPython(path), symbols });
    else this.files.delete(path);
  }

  /** The names of a text; null where its parsing takes too long or it is nested too deeply. The page gets a turn between slices. */
  private async parse(parser: Parser, text: string, dotted: boolean): Promise<FileSymbols | null> {
    try {
      const parse = parser.startParse(text);
      let tree: Tree | null = null;
      let spent = 0;
      let since = performance.now();
      while (!tree) {
        tree = parse.advance();
        const now = performance.now();
        if (spent + now - since > this.longestParse) return null;
        if (now - this.lastTurn < SLICE) continue;
        spent += now - since;
        await this.pause();
        since = this.lastTurn = performance.now();
      }
      return dotted ? pythonSymbols(tree, text) : javascriptSymbols(tree, text);
    } catch {
      return null; // no text may keep the editor from working
    }
  }

  // Answering

  private definitionsAt(path: string, at: number): Defined[] {
    const file = this.files.get(path);
    const name = this.nameAt(path, at);
    return file && name ? this.resolver.definitions(file, name) : [];
  }

  private nameAt(path: string, at: number): Name | undefined {
    return this.files.get(path)?.symbols.names.find(({ from, to }) => from <= at && at <= to);
  }

  private *allNames(): Iterable<Defined> {
    for (const file of this.files.values()) for (const name of file.symbols.names) if (name.defines) yield { file, name };
  }
}

function isPython(path: string): boolean {
  return /\.pyi?$/.test(path);
}

function placeOf({ file, name, guessed }: Defined): Place {
  return { path: file.path, from: name.from, to: name.to, name: name.name, kind: name.defines, within: namesAround(file.symbols, name.scope).join("."), guessed: guessed ?? false };
}

function isVisible({ scopes }: FileSymbols, name: Name, scope: number, dotted: boolean): boolean {
  for (let at = scope; at >= 0; at = scopes[at]!.parent) if (at === name.scope) return at === scope || scopes[at]!.is !== "class" || !dotted;
  return false;
}

function suggestions(found: Defined[]): Suggestion[] {
  const byName = new Map<string, Suggestion>();
  for (const { file, name } of found) if (name.defines && !byName.has(name.name)) byName.set(name.name, { name: name.name, kind: name.defines, detail: file.path });
  return [...byName.values()];
}
