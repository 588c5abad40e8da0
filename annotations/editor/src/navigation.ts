/** Names in the project: go to where one is defined, list where it is used, complete what is typed, say where one is. */
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Files } from "./files";
import { hint } from "./hint";
import { parserFor } from "./languages";
import type { OpenFiles } from "./open_files";
import type { Places } from "./places";
import type { Entry } from "./quick_open";
import type { SessionLog } from "./session_log";
import type { Place, SymbolSource } from "./symbols/project";

const CRUMBS = 150;

export class Navigation {
  private source: Promise<SymbolSource> | null = null;
  private crumbTimer = 0;

  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly choose: (label: string, entries: Entry[]) => void,
    private readonly log: SessionLog,
  ) {}

  async definition(path: string, at: number): Promise<void> {
    const found = await this.ask((source) => source.definitions(path, at));
    if (!found) return;
    if (!found.length) return hint("Not defined in this project: a name of the language or of a library.");
    (await this.places())?.definitions(found, path);
  }

  async references(path: string, at: number): Promise<void> {
    const found = await this.ask((source) => source.references(path, at));
    if (!found) return;
    if (!found.length) return hint("No name of this project stands here.");
    (await this.places())?.references(found, path, at);
  }

  /** Where the name that stands here is used; null where that cannot be found out now. */
  uses(path: string, at: number): Promise<Place[] | null> {
    return this.ask((source) => source.references(path, at));
  }

  async symbols(): Promise<Entry[]> {
    const found = (await this.ask((source) => source.all())) ?? [];
    return (await this.places())?.symbols(found) ?? [];
  }

  async complete(path: string, context: CompletionContext): Promise<CompletionResult | null> {
    return this.ask(async (source) => (await import("./completing")).completed(path, context, source));
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

  private async ask<T>(question: (source: SymbolSource) => Promise<T>): Promise<T | null> {
    if (!this.source) void Promise.all([this.places(), import("./completing")]).catch(() => null); // there when the network is gone
    this.source ??= import("./symbols/project").then(({ ProjectSymbols }) => new ProjectSymbols({ paths: () => this.files.paths(), doc: (path) => this.files.get(path)?.doc ?? null }, parserFor));
    try {
      return await question(await this.source);
    } catch {
      this.source = null; // the network failed: tried again the next time
      return null;
    }
  }

  /** Null where the network failed. */
  private async places(): Promise<Places | null> {
    const loaded = await import("./places").catch(() => null);
    return loaded && new loaded.Places(this.files, this.open, this.choose, this.log);
  }
}
