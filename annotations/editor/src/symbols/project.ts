/**
 * The names of a whole project: where a name is defined, where it is used, what can be written here.
 *
 * Read from the texts as they are in the browser, unsaved edits included, by the editor's own parsers; nothing is run or
 * imported. What cannot be known (the class behind an untyped variable) falls back to every member of that name.
 */
import type { Text } from "@codemirror/state";
import type { Parser, Tree } from "@lezer/common";
import { javascriptSymbols } from "./javascript";
import type { FileSymbols, Import, Kind, Name, Scope } from "./model";
import { fileOf } from "./modules";
import { pythonSymbols } from "./python";

export interface Place {
  path: string;
  from: number;
  to: number;
  name: string;
  kind: Kind | null;
  /** The class or function it stands in. */
  within: string;
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
const DEEPEST = 8; // imports followed, bases climbed
const SLICE = 12; // milliseconds of parsing before the page gets a turn
const LONGEST_PARSE = 800; // milliseconds of parsing one file may take, or its names stay unknown

interface File {
  path: string;
  dotted: boolean;
  symbols: FileSymbols;
}
interface Defined {
  file: File;
  name: Name;
}

export class ProjectSymbols implements SymbolSource {
  private readonly read = new WeakMap<Text, FileSymbols | null>();
  private files = new Map<string, File>();
  private pathSet: ReadonlySet<string> = new Set();
  /** When the page last had a turn, in milliseconds of its clock. */
  private lastTurn = 0;

  constructor(
    private readonly texts: Texts,
    private readonly parserFor: (path: string) => Promise<Parser | null>,
    private readonly pause: () => Promise<void> = () => new Promise((done) => setTimeout(done)),
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
    const places: Place[] = [];
    for (const file of this.files.values())
      for (const own of file.symbols.names)
        if ((own.name === name || own.imports?.name === name) && this.resolve(file, own).some((defined) => wanted.has(key(defined)))) places.push(placeOf({ file, name: own }));
    return places;
  }

  async completions(path: string, at: number): Promise<Suggestion[]> {
    await this.refresh();
    const file = this.files.get(path);
    const text = this.texts.doc(path)?.sliceString(Math.max(0, at - 200), at) ?? "";
    if (!file) return [];
    const dotted = /((?:[\p{L}_$][\p{L}\p{N}_$]*)(?:\.[\p{L}_$][\p{L}\p{N}_$]*)?)?\.[\p{L}\p{N}_$]*$/u.exec(text);
    const scope = innermost(file.symbols, at);
    if (dotted) {
      const owner = dotted[1] ? this.membersOf(file, scope, dotted[1], 0) : [];
      return suggestions(owner.length ? owner : [...this.allNames()].filter(({ name }) => name.member !== null || name.defines === "method"));
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
        if (spent + now - since > LONGEST_PARSE) return null;
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

  // Resolving

  private nameAt(path: string, at: number): Name | undefined {
    return this.files.get(path)?.symbols.names.find(({ from, to }) => from <= at && at <= to);
  }

  private definitionsAt(path: string, at: number): Defined[] {
    const file = this.files.get(path);
    const name = this.nameAt(path, at);
    return file && name ? unique(this.resolve(file, name)) : [];
  }

  private resolve(file: File, name: Name): Defined[] {
    if (name.imports) {
      const followed = this.follow(file, name.imports, 0);
      return followed.length ? followed : name.defines ? [{ file, name }] : [];
    }
    if (name.defines) return [{ file, name }];
    if (name.member === null) return this.plain(file, name.scope, name.name, 0);
    const members = name.member ? this.membersOf(file, name.scope, name.member, 0).filter(({ name: own }) => own.name === name.name) : [];
    return members.length ? members.flatMap((found) => this.throughImport(found, 0)) : this.byName(name.name);
  }

  /** A plain name, from the inside out; then what is imported with a star. */
  private plain(file: File, scope: number, name: string, depth: number): Defined[] {
    const { symbols } = file;
    for (let at = scope; at >= 0; at = symbols.scopes[at]!.parent) {
      if (at !== scope && symbols.scopes[at]!.is === "class") continue;
      const found = symbols.names.filter((own) => own.scope === at && own.defines && own.member === null && own.name === name);
      if (found.length) return found.flatMap((own) => this.throughImport({ file, name: own }, depth));
    }
    return this.throughStars(file, name, depth);
  }

  private throughStars(file: File, name: string, depth: number): Defined[] {
    if (depth > DEEPEST) return [];
    return file.symbols.stars.flatMap((module) => {
      const path = fileOf(module, file.path, this.pathSet, file.dotted);
      const other = path ? this.files.get(path) : undefined;
      return other ? this.exported(other, name, depth + 1) : [];
    });
  }

  private throughImport(found: Defined, depth: number): Defined[] {
    if (!found.name.imports) return [found];
    const followed = this.follow(found.file, found.name.imports, depth + 1);
    return followed.length ? followed : [found];
  }

  /** What an import brings: a definition in another file, or that file's beginning for a module. */
  private follow(file: File, { module, name }: Import, depth: number): Defined[] {
    if (depth > DEEPEST) return [];
    if (name !== null && file.dotted) {
      // from package import module
      const inner = fileOf(module.endsWith(".") ? module + name : `${module}.${name}`, file.path, this.pathSet, true);
      const target = inner ? this.files.get(inner) : undefined;
      if (target) return [beginning(target)];
    }
    const path = fileOf(module, file.path, this.pathSet, file.dotted);
    const other = path ? this.files.get(path) : undefined;
    if (!other) return [];
    return name === null ? [beginning(other)] : this.exported(other, name, depth);
  }

  private exported(file: File, name: string, depth: number): Defined[] {
    if (depth > DEEPEST) return [];
    const own = file.symbols.exports.get(name) ?? name;
    const found = file.symbols.names.filter((one) => one.scope === 0 && one.defines && one.name === own);
    if (found.length) return found.flatMap((one) => this.throughImport({ file, name: one }, depth));
    const starred = this.throughStars(file, own, depth);
    return starred.length || own !== "default" ? starred : [beginning(file)];
  }

  /** What stands behind the dot after `path`: members of a class, names of a module. */
  private membersOf(file: File, scope: number, path: string, depth: number): Defined[] {
    if (depth > DEEPEST) return [];
    const [first, second] = path.split(".");
    if (first === "self" || first === "cls" || first === "this") {
      const around = classAround(file.symbols, scope);
      if (around < 0) return [];
      const own = this.classMembers(file, around, depth);
      return second ? own.filter(({ name }) => name.name === second).flatMap((found) => this.behind(found, depth + 1)) : own;
    }
    const behind = this.plain(file, scope, first!, depth).flatMap((found) => this.behind(found, depth + 1));
    return second ? behind.filter(({ name }) => name.name === second).flatMap((found) => this.behind(found, depth + 1)) : behind;
  }

  private behind(found: Defined, depth: number): Defined[] {
    if (depth > DEEPEST) return [];
    const { file, name } = this.throughImport(found, depth)[0] ?? found;
    if (name.opens !== undefined && name.defines === "class") return this.classMembers(file, name.opens, depth);
    if (name.from === name.to) return file.symbols.names.filter((one) => one.scope === 0 && one.defines).map((one) => ({ file, name: one })); // a module
    if (!name.type) return [];
    if (name.type.startsWith("=")) {
      const scope = innermost(file.symbols, name.from);
      return this.plain(file, scope, name.type.slice(1), depth + 1).filter((other) => other.name !== name).flatMap((other) => this.behind(other, depth + 1));
    }
    const [first, second] = name.type.split(".");
    const classes = this.plain(file, innermost(file.symbols, name.from), first!, depth + 1);
    const named = second ? classes.flatMap((one) => this.behind(one, depth + 1)).filter(({ name: own }) => own.name === second) : classes;
    return named.filter((one) => one.name.defines === "class" || one.name.defines === "type" || one.name.imports).flatMap((one) => this.behind(one, depth + 1));
  }

  private classMembers(file: File, scope: number, depth: number): Defined[] {
    if (depth > DEEPEST) return [];
    const own = file.symbols.names.filter((name) => name.scope === scope && name.defines && name.defines !== "parameter").map((name) => ({ file, name }));
    const { bases, parent } = file.symbols.scopes[scope]!;
    const inherited = bases.flatMap((base) => {
      const [first, second] = base.split(".");
      const classes = this.plain(file, Math.max(0, parent), first!, depth + 1);
      const named = second ? classes.flatMap((one) => this.behind(one, depth + 1)).filter(({ name }) => name.name === second) : classes;
      return named.filter(({ name }) => name.defines === "class").flatMap((one) => this.behind(one, depth + 1));
    });
    const hidden = new Set(own.map(({ name }) => name.name));
    return [...own, ...inherited.filter(({ name }) => !hidden.has(name.name))];
  }

  /** Every member of that name: the class is not known. */
  private byName(name: string): Defined[] {
    return [...this.allNames()].filter(({ name: own }) => own.name === name && own.defines && (own.member !== null || own.defines === "method" || own.defines === "class" || own.scope === 0) && own.defines !== "import");
  }

  private *allNames(): Iterable<Defined> {
    for (const file of this.files.values()) for (const name of file.symbols.names) if (name.defines) yield { file, name };
  }
}

function isPython(path: string): boolean {
  return /\.pyi?$/.test(path);
}

function beginning(file: File): Defined {
  return { file, name: { name: file.path, from: 0, to: 0, scope: 0, member: null, defines: null } };
}

function placeOf({ file, name }: Defined): Place {
  return { path: file.path, from: name.from, to: name.to, name: name.name, kind: name.defines, within: namesAround(file.symbols, name.scope).join(".") };
}

function key({ file, name }: Defined): string {
  return `${file.path} ${name.from}`;
}

function unique(found: Defined[]): Defined[] {
  return [...new Map(found.map((one) => [key(one), one])).values()];
}

function innermost({ scopes }: FileSymbols, at: number): number {
  let found = 0;
  // Scopes are listed outermost first.
  scopes.forEach(({ from, to }, index) => {
    if (from <= at && at <= to) found = index;
  });
  return found;
}

function classAround({ scopes }: FileSymbols, scope: number): number {
  for (let at = scope; at >= 0; at = scopes[at]!.parent) if (scopes[at]!.is === "class") return at;
  return -1;
}

function namesAround({ scopes }: FileSymbols, scope: number): string[] {
  const names: string[] = [];
  for (let at: Scope | undefined = scopes[scope]; at && at.parent >= 0; at = scopes[at.parent]) if (at.name) names.unshift(at.name);
  return names;
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
