/** What one file says about names: where they are defined and used, in which scope, what is imported. */

export type Kind = "class" | "function" | "method" | "attribute" | "variable" | "parameter" | "type" | "import";

export interface Scope {
  from: number;
  to: number;
  /** Index of the scope around it; -1 for the file's own. */
  parent: number;
  is: "file" | "class" | "function" | "object";
  name: string;
  /** Paths of the classes it extends. */
  bases: string[];
}

/**
 * An expression as far as it can be followed: names, members and calls, as in `services().articles.find()`; a class and
 * what is made of it are not told apart. `{12` is the object written at offset 12, `!` is certainly nothing of the
 * project (a text, a list), empty is what cannot be followed.
 */
export type Path = string;

/** A name where it stands, in UTF-16 code units of the document. */
export interface Name {
  name: string;
  from: number;
  to: number;
  scope: number;
  /** What stands before the dot; null for a plain name. */
  member: Path | null;
  defines: Kind | null;
  /** What a definition is an instance of, or the same as. */
  type?: Path;
  /** What a function gives back, and the offset at which that is to be read. */
  returns?: { path: Path; at: number };
  /** Whether a method is read like an attribute. */
  getter?: boolean;
  /** For the name of an argument (`find(slug=…)`): what is called. */
  argumentOf?: Path;
  imports?: Import;
  /** The scope a class, function or object opens. */
  opens?: number;
}

export interface Import {
  /** As written: "app.services", "..models", "./articles.js". */
  module: string;
  /** The name in that module; null for the module itself, "default" for what it exports by default. */
  name: string | null;
}

export interface FileSymbols {
  scopes: Scope[];
  names: Name[];
  /** Modules everything is imported or exported from. */
  stars: string[];
  /** Top-level names by which others know it: exported name → own name. */
  exports: Map<string, string>;
}

/** Collects while a tree is walked. */
export class Collector {
  readonly symbols: FileSymbols;
  readonly done = new Set<number>();
  /** Names of functions, classes and objects that begin at an offset further on. */
  readonly coming = new Map<number, Name>();
  private readonly open: number[] = [0];
  /** Beside each open scope the function it belongs to; undefined for a block, which belongs to the one around it. */
  private readonly owners: (Name | null | undefined)[] = [null];

  constructor(readonly text: string) {
    this.symbols = { scopes: [{ from: 0, to: text.length, parent: -1, is: "file", name: "", bases: [] }], names: [], stars: [], exports: new Map() };
  }

  get scope(): number {
    return this.open.at(-1)!;
  }

  push(from: number, to: number, is: Scope["is"], owner: Name | null | undefined, bases: string[] = []): number {
    this.symbols.scopes.push({ from, to, parent: this.scope, is, name: owner?.name ?? "", bases });
    this.open.push(this.symbols.scopes.length - 1);
    this.owners.push(owner);
    if (owner) owner.opens = this.scope;
    return this.scope;
  }

  pop(): void {
    this.open.pop();
    this.owners.pop();
  }

  add(at: { from: number; to: number }, more: Partial<Name> = {}): Name {
    const name: Name = { name: this.of(at), from: at.from, to: at.to, scope: this.scope, member: null, defines: null, ...more };
    this.symbols.names.push(name);
    this.done.add(at.from);
    return name;
  }

  /** The function around gives this back; the first that can be followed counts. */
  returned(path: Path, at: number): void {
    const owner = this.owners.findLast((one) => one !== undefined);
    if (owner && path && path !== "!" && !owner.returns) owner.returns = { path, at };
  }

  of({ from, to }: { from: number; to: number }): string {
    return this.text.slice(from, to);
  }

  /** The class around a scope, -1 where there is none. */
  classAround(scope = this.scope): number {
    return classAround(this.symbols, scope);
  }
}

export function classAround({ scopes }: FileSymbols, scope: number): number {
  for (let at = scope; at >= 0; at = scopes[at]!.parent) if (scopes[at]!.is === "class") return at;
  return -1;
}

/** The innermost scope at an offset. Scopes are listed outermost first. */
export function innermost({ scopes }: FileSymbols, at: number): number {
  for (let index = scopes.length - 1; index > 0; index--) if (scopes[index]!.from <= at && at <= scopes[index]!.to) return index;
  return 0;
}

export function namesAround({ scopes }: FileSymbols, scope: number): string[] {
  const names: string[] = [];
  for (let at: Scope | undefined = scopes[scope]; at && at.parent >= 0; at = scopes[at.parent]) if (at.name && at.is !== "object") names.unshift(at.name);
  return names;
}
