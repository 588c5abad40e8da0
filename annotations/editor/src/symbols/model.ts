/** What one file says about names: where they are defined and used, in which scope, what is imported. */

export type Kind = "class" | "function" | "method" | "attribute" | "variable" | "parameter" | "type" | "import";

export interface Scope {
  from: number;
  to: number;
  /** Index of the scope around it; -1 for the file's own. */
  parent: number;
  is: "file" | "class" | "function";
  name: string;
  bases: string[];
}

/** A name where it stands, in UTF-16 code units of the document. */
export interface Name {
  name: string;
  from: number;
  to: number;
  scope: number;
  /** What stands before the dot ("self", "service", "self.service", "" where it is no plain name); null for a plain name. */
  member: string | null;
  defines: Kind | null;
  /** What a definition is an instance of, as written ("ArticleService"); "=name" where it is what another name is. */
  type?: string;
  imports?: Import;
  /** The scope a class or function opens. */
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
  private readonly open: number[] = [0];

  constructor(readonly text: string) {
    this.symbols = { scopes: [{ from: 0, to: text.length, parent: -1, is: "file", name: "", bases: [] }], names: [], stars: [], exports: new Map() };
  }

  get scope(): number {
    return this.open.at(-1)!;
  }

  get depth(): number {
    return this.open.length;
  }

  push(from: number, to: number, is: Scope["is"], name: string, bases: string[] = []): number {
    this.symbols.scopes.push({ from, to, parent: this.scope, is, name, bases });
    this.open.push(this.symbols.scopes.length - 1);
    return this.scope;
  }

  pop(): void {
    this.open.pop();
  }

  add(at: { from: number; to: number }, more: Partial<Name> = {}): Name {
    const name: Name = { name: this.text.slice(at.from, at.to), from: at.from, to: at.to, scope: this.scope, member: null, defines: null, ...more };
    this.symbols.names.push(name);
    this.done.add(at.from);
    return name;
  }

  /** The class around a scope, -1 where there is none. */
  classAround(scope = this.scope): number {
    for (let at = scope; at >= 0; at = this.symbols.scopes[at]!.parent) if (this.symbols.scopes[at]!.is === "class") return at;
    return -1;
  }
}
