/** From a name to what it means: through scopes, imports, classes and their bases, and what expressions come to. */
import { classAround, type FileSymbols, type Import, innermost, type Name, type Path } from "./model";
import { fileOf } from "./modules";

export interface File {
  path: string;
  dotted: boolean;
  symbols: FileSymbols;
}
/** A name that is defined in a file. `guessed`: what stands before the dot is not known, and only its name fits. */
export interface Defined {
  file: File;
  name: Name;
  guessed?: boolean;
}
/** What an expression may be. `foreign`: it is, or may be, nothing of this project. */
interface Value {
  holders: Defined[];
  foreign: boolean;
}

const DEEPEST = 8; // imports followed, bases climbed, expressions within expressions
const MOST_STEPS = 1000; // of one question: a project may go round in circles
// Of something unknown, these are more likely members of the language's own maps, lists and texts.
const COMMON = new Set("add append clear concat constructor delete entries filter find format forEach get has includes index items join keys length log map pop push reduce remove replace set size slice sort split strip test then toString trim values".split(" "));
const UNKNOWN: Value = { holders: [], foreign: false };
const FOREIGN: Value = { holders: [], foreign: true };

export class Resolver {
  private steps = 0;

  constructor(
    private readonly files: ReadonlyMap<string, File>,
    private readonly paths: ReadonlySet<string>,
  ) {}

  /** The definitions of a name; several where it is defined several times, or where they are guessed. */
  definitions(file: File, name: Name): Defined[] {
    this.steps = 0;
    return unique(this.resolve(file, name));
  }

  /** What can stand behind the dot after an expression; null where that is not known. */
  members(file: File, scope: number, path: Path): Defined[] | null {
    this.steps = 0;
    const value = this.valueOf(file, scope, path, 0);
    if (!value.holders.length) return value.foreign ? [] : null;
    return unique(value.holders.flatMap((holder) => this.membersOf(holder, 0)));
  }

  private resolve(file: File, name: Name): Defined[] {
    if (name.imports) {
      const followed = this.follow(file, name.imports, 0);
      return followed.length ? followed : name.defines ? [{ file, name }] : [];
    }
    if (name.defines) return [{ file, name }];
    if (name.argumentOf !== undefined) return this.argument(file, name);
    if (name.member === null) return this.plain(file, name.scope, name.name, 0);
    const value = this.valueOf(file, name.scope, name.member, 0);
    if (value.holders.length || value.foreign) return value.holders.flatMap((holder) => this.member(holder, name.name, 0)).flatMap((found) => this.throughImport(found, 0));
    return this.byName(name.name);
  }

  /** The parameter, or the field of a class, that an argument's name means. */
  private argument(file: File, { scope, name, argumentOf }: Name): Defined[] {
    return this.valueOf(file, scope, argumentOf!, 0, true).holders.flatMap((holder) => {
      if (isClass(holder.name)) {
        const made = this.member(holder, "__init__", 0);
        if (!made.length) return this.member(holder, name, 0);
        return made.flatMap((one) => parametersOf(one, name));
      }
      return parametersOf(holder, name);
    });
  }

  // Plain names

  /** A plain name, from the inside out; then what is imported with a star. */
  private plain(file: File, scope: number, name: string, depth: number): Defined[] {
    const { symbols } = file;
    for (let at = scope; at >= 0; at = symbols.scopes[at]!.parent) {
      if (at !== scope && symbols.scopes[at]!.is === "class") continue;
      const found = definedIn(symbols, at).filter((own) => own.member === null && own.name === name);
      if (found.length) return found.flatMap((own) => this.throughImport({ file, name: own }, depth));
    }
    return this.throughStars(file, name, depth);
  }

  private throughStars(file: File, name: string, depth: number): Defined[] {
    if (depth > DEEPEST || ++this.steps > MOST_STEPS) return [];
    return file.symbols.stars.flatMap((module) => {
      const path = fileOf(module, file.path, this.paths, file.dotted);
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
    const path = fileOf(module, file.path, this.paths, file.dotted);
    const other = path ? this.files.get(path) : undefined;
    if (name === null) return other ? [beginning(other)] : [];
    const found = other ? this.exported(other, name, depth) : [];
    // from package import module; the package's own file may do that itself.
    if (!file.dotted || found.some((one) => !one.name.imports)) return found;
    const inner = fileOf(module.endsWith(".") ? module + name : `${module}.${name}`, file.path, this.paths, true);
    const target = inner ? this.files.get(inner) : undefined;
    return target ? [beginning(target)] : found;
  }

  private exported(file: File, name: string, depth: number): Defined[] {
    if (depth > DEEPEST || ++this.steps > MOST_STEPS) return [];
    const own = file.symbols.exports.get(name) ?? name;
    const found = definedIn(file.symbols, 0).filter((one) => one.name === own && (one.member === null || !file.dotted));
    if (found.length) return found.flatMap((one) => this.throughImport({ file, name: one }, depth));
    const starred = this.throughStars(file, own, depth);
    if (starred.length || file.dotted) return starred;
    if (name === "default") return [beginning(file)];
    // module.exports = { name, other: … }
    const whole = file.symbols.names.find((one) => one.scope === 0 && one.name === "default" && one.type?.startsWith("{"));
    return whole ? this.valuesOf({ file, name: whole }, depth + 1).holders.flatMap((holder) => this.member(holder, name, depth + 1)).map((one) => this.behindShorthand(one, depth + 1)) : [];
  }

  /** Of `{ name }` the variable, function or class of that name. */
  private behindShorthand(found: Defined, depth: number): Defined {
    const { file, name } = found;
    return (name.type === name.name && this.plain(file, name.scope, name.name, depth)[0]) || found;
  }

  // Expressions

  /** What an expression comes to. With `called`, its last step is what is called and not what that gives back. */
  private valueOf(file: File, scope: number, path: Path, depth: number, called = false): Value {
    if (!path || depth > DEEPEST || ++this.steps > MOST_STEPS) return UNKNOWN;
    if (path === "!") return FOREIGN;
    if (path.startsWith("{")) return this.objectAt(file, Number(path.slice(1)));
    const steps = path.split(".");
    let value = this.first(file, scope, steps[0]!.replaceAll("()", ""), depth);
    steps.forEach((step, index) => {
      const name = step.replaceAll("()", "");
      if (index) value = this.joined(value, (holder) => this.memberValue(holder, name, depth + 1, called && index === steps.length - 1));
      for (let calls = (step.length - name.length) / 2; calls > 0; calls--) value = this.joined(value, (holder) => this.given(holder, depth + 1));
    });
    return value;
  }

  private first(file: File, scope: number, name: string, depth: number): Value {
    const { symbols } = file;
    const isSuper = name === "super";
    if (isSuper || (file.dotted ? name === "self" || name === "cls" : name === "this")) {
      const around = classAround(symbols, scope);
      if (around < 0) return UNKNOWN;
      const own = classAt(file, around);
      return isSuper ? this.bases(own, depth) : { holders: [own], foreign: false };
    }
    const found = this.plain(file, scope, name, depth);
    // A name that nothing in the project defines is one of the language.
    return found.length ? this.joined({ holders: found, foreign: false }, (one) => this.valuesOf(one, depth + 1)) : FOREIGN;
  }

  private joined(value: Value, step: (holder: Defined) => Value): Value {
    const values = value.holders.map(step);
    return { holders: unique(values.flatMap(({ holders }) => holders)), foreign: value.foreign || values.some(({ foreign }) => foreign) };
  }

  /** What a definition holds: itself for a class, module, function or object, else what its type says. */
  private valuesOf(found: Defined, depth: number): Value {
    if (depth > DEEPEST || ++this.steps > MOST_STEPS) return UNKNOWN;
    const { file, name } = this.throughImport(found, depth)[0] ?? found;
    if (name.imports) return FOREIGN;
    if (name.getter) return this.given({ file, name }, depth);
    if (name.opens !== undefined || isBeginning(name) || name.defines === "function" || name.defines === "method") return { holders: [{ file, name }], foreign: false };
    if (!name.type) return UNKNOWN;
    return this.valueOf(file, innermost(file.symbols, name.from), name.type, depth + (name.type.startsWith(name.name) ? 2 : 1));
  }

  /** What calling it gives: an instance of a class, what a function returns. */
  private given({ file, name }: Defined, depth: number): Value {
    if (isClass(name)) return { holders: [{ file, name }], foreign: false };
    if (!name.returns) return UNKNOWN;
    return this.valueOf(file, innermost(file.symbols, name.returns.at), name.returns.path, depth + 1);
  }

  private memberValue(holder: Defined, name: string, depth: number, called: boolean): Value {
    const found = this.member(holder, name, depth);
    if (!found.length) return this.hasForeignBase(holder, depth) ? FOREIGN : UNKNOWN;
    if (called) return { holders: found.flatMap((one) => this.throughImport(one, depth)), foreign: false };
    return this.joined({ holders: found, foreign: false }, (one) => this.valuesOf(one, depth + 1));
  }

  private objectAt(file: File, from: number): Value {
    const index = file.symbols.scopes.findIndex((scope) => scope.is === "object" && scope.from === from);
    return index < 0 ? UNKNOWN : { holders: [classAt(file, index)], foreign: false };
  }

  // Members

  private member(holder: Defined, name: string, depth: number): Defined[] {
    if (isBeginning(holder.name)) return this.exported(holder.file, name, depth + 1);
    return this.membersOf(holder, depth).filter((one) => one.name.name === name);
  }

  private membersOf(holder: Defined, depth: number): Defined[] {
    const { file, name } = holder;
    if (depth > DEEPEST || ++this.steps > MOST_STEPS) return [];
    if (isBeginning(name)) return definedIn(file.symbols, 0).map((one) => ({ file, name: one }));
    if (name.opens === undefined || file.symbols.scopes[name.opens]!.is === "function") return [];
    const own = definedIn(file.symbols, name.opens).filter((one) => one.defines !== "parameter").map((one) => ({ file, name: one }));
    const inherited = this.bases(holder, depth + 1).holders.flatMap((base) => this.membersOf(base, depth + 1));
    const hidden = new Set(own.map((one) => one.name.name));
    return [...own, ...inherited.filter((one) => !hidden.has(one.name.name))];
  }

  private bases({ file, name }: Defined, depth: number): Value {
    const scope = name.opens === undefined ? undefined : file.symbols.scopes[name.opens];
    if (!scope || depth > DEEPEST) return UNKNOWN;
    const values = scope.bases.map((base) => this.valueOf(file, Math.max(0, scope.parent), base, depth + 1));
    return { holders: values.flatMap(({ holders }) => holders).filter((one) => isClass(one.name)), foreign: values.some(({ holders, foreign }) => foreign || !holders.length) };
  }

  private hasForeignBase(holder: Defined, depth: number): boolean {
    if (depth > DEEPEST || ++this.steps > MOST_STEPS) return false;
    const { holders, foreign } = this.bases(holder, depth + 1);
    return foreign || holders.some((base) => this.hasForeignBase(base, depth + 1));
  }

  /** Methods, functions and fields of that name, whoever's: what stands before the dot is not known. */
  private byName(wanted: string): Defined[] {
    const found: Defined[] = [];
    if (COMMON.has(wanted)) return found;
    for (const file of this.files.values())
      for (const name of file.symbols.names)
        if (name.name === wanted && name.defines && name.defines !== "import" && (file.symbols.scopes[name.scope]!.is === "class" || (name.scope === 0 && name.defines !== "variable"))) found.push({ file, name, guessed: true });
    return found;
  }
}

const byScope = new WeakMap<FileSymbols, Map<number, Name[]>>();

/** What a scope defines. */
function definedIn(symbols: FileSymbols, scope: number): readonly Name[] {
  let scopes = byScope.get(symbols);
  if (!scopes) {
    scopes = new Map();
    for (const name of symbols.names) {
      if (!name.defines) continue;
      const names = scopes.get(name.scope);
      if (names) names.push(name);
      else scopes.set(name.scope, [name]);
    }
    byScope.set(symbols, scopes);
  }
  return scopes.get(scope) ?? [];
}

/** A module, as the beginning of its file. */
function beginning(file: File): Defined {
  return { file, name: { name: file.path, from: 0, to: 0, scope: 0, member: null, defines: null } };
}

function isBeginning(name: Name): boolean {
  return name.from === name.to;
}

function isClass(name: Name): boolean {
  return name.opens !== undefined && (name.defines === "class" || name.defines === "type");
}

/** The class of a scope, also where it has no name. */
function classAt(file: File, scope: number): Defined {
  const { from, to, parent, name } = file.symbols.scopes[scope]!;
  const own = file.symbols.names.find((one) => one.opens === scope);
  return { file, name: own ?? { name, from, to, scope: parent, member: "", defines: "class", opens: scope } };
}

function parametersOf({ file, name }: Defined, wanted: string): Defined[] {
  return file.symbols.names.filter((one) => one.scope === name.opens && one.defines === "parameter" && one.name === wanted).map((one) => ({ file, name: one }));
}

export function key({ file, name }: Defined): string {
  return `${file.path} ${name.from}`;
}

function unique(found: Defined[]): Defined[] {
  return [...new Map(found.map((one) => [key(one), one])).values()];
}
