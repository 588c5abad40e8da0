/** Names in the project: go to where one is defined, list where it is used, complete what is typed, say where one is. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { byId } from "./dom";
import type { Files } from "./files";
import { parserFor } from "./languages";
import type { OpenFiles } from "./open_files";
import type { Entry, QuickOpen } from "./quick_open";
import type { SessionLog } from "./session_log";
import type { Place, SymbolSource } from "./symbols/project";

const WORD = /[\p{L}\p{N}_$]+/u;
const TYPES: Record<string, string> = { parameter: "variable", attribute: "property", import: "namespace" };
const HINT = 6000; // milliseconds a hint stays
const CRUMBS = 150;

export class Navigation {
  private source: Promise<SymbolSource> | null = null;
  private hintTimer = 0;
  private crumbTimer = 0;

  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly quick: QuickOpen,
    private readonly log: SessionLog,
  ) {}

  async definition(path: string, at: number): Promise<void> {
    const places = await this.ask((source) => source.definitions(path, at));
    if (!places) return;
    if (!places.length) return this.hint("Not defined in this project: a name of the language or of a library.");
    const go = (place: Place): void => {
      const line = this.lineOf(place);
      this.log.record("definition.opened", { path: place.path, line, from: path });
      this.open.jump(place.path, line, this.columnOf(place));
    };
    if (places.length === 1) return go(places[0]!);
    this.quick.choose(`${places.length} definitions of ${places[0]!.name}`, places.map((place) => this.entry(place, () => go(place))));
  }

  async references(path: string, at: number): Promise<void> {
    const places = await this.ask((source) => source.references(path, at));
    if (!places) return;
    if (!places.length) return this.hint("No name of this project stands here.");
    this.log.record("references.opened", { path, line: this.files.get(path)!.doc!.lineAt(at).number, places: places.length });
    this.quick.choose(`${places.length} places with ${places[0]!.name}`, places.map((place) => this.entry(place, () => this.open.jump(place.path, this.lineOf(place), this.columnOf(place)), true)));
  }

  async symbols(): Promise<Entry[]> {
    const places = (await this.ask((source) => source.all())) ?? [];
    return places.map((place) => this.entry(place, () => this.open.jump(place.path, this.lineOf(place), this.columnOf(place))));
  }

  async complete(path: string, context: CompletionContext): Promise<CompletionResult | null> {
    const word = context.matchBefore(WORD);
    const from = word?.from ?? context.pos;
    if (!word && !context.explicit && context.state.sliceDoc(from - 1, from) !== ".") return null;
    if (/String|Comment/.test(syntaxTree(context.state).resolveInner(context.pos, -1).name)) return null;
    const found = await this.ask((source) => source.completions(path, context.pos));
    if (!found || context.aborted) return null;
    const own = word?.text;
    const options = found.filter(({ name }) => name !== own || found.length === 1).map(({ name, kind, detail }): Completion => ({ label: name, type: TYPES[kind] ?? kind, detail: detail === path ? undefined : detail, boost: detail === path ? 1 : 0 }));
    return options.length ? { from, options, validFor: /^[\p{L}\p{N}_$]*$/u } : null;
  }

  /** The class and function the cursor is in come behind the path, once it rests. */
  moved(path: string, line: number): void {
    clearTimeout(this.crumbTimer);
    this.crumbTimer = window.setTimeout(() => {
      const doc = this.files.get(path)?.doc;
      if (!doc || this.open.current !== path || line > doc.lines) return;
      void this.ask((source) => source.around(path, doc.line(line).to)).then((names) => this.open.current === path && names && this.open.drawCrumbs(names));
    }, CRUMBS);
  }

  hint(words: string): void {
    const place = byId("hint");
    place.textContent = words;
    clearTimeout(this.hintTimer);
    this.hintTimer = window.setTimeout(() => (place.textContent = ""), HINT);
  }

  private async ask<T>(question: (source: SymbolSource) => Promise<T>): Promise<T | null> {
    this.source ??= import("./symbols/project").then(({ ProjectSymbols }) => new ProjectSymbols({ paths: () => this.files.paths(), doc: (path) => this.files.get(path)?.doc ?? null }, parserFor));
    try {
      return await question(await this.source);
    } catch {
      this.source = null; // the network failed: tried again the next time
      return null;
    }
  }

  private entry(place: Place, choose: () => void, withText = false): Entry {
    const line = this.lineOf(place);
    const text = withText ? this.files.get(place.path)!.doc!.line(line).text.trim().slice(0, 120) : "";
    return {
      group: "Symbols",
      sign: "goto",
      name: text || (place.within ? `${place.within}.${place.name}` : place.name),
      more: `${place.path}:${line}`,
      text: withText ? undefined : `${place.name} ${place.within} ${place.path}`,
      choose,
    };
  }

  private lineOf({ path, from }: Place): number {
    const doc = this.files.get(path)!.doc!;
    return doc.lineAt(Math.min(from, doc.length)).number;
  }

  private columnOf({ path, from }: Place): number {
    const doc = this.files.get(path)!.doc!;
    return from - doc.lineAt(Math.min(from, doc.length)).from;
  }
}
