/** Names of the project, as the editor's list of completions takes them. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { SymbolSource } from "./symbols/project";

const WORD = /[\p{L}\p{N}_$]+/u;
const TYPES: Record<string, string> = { parameter: "variable", attribute: "property", import: "namespace" };

/** What can be written here; null in texts and comments, and where nobody asked and nothing was begun. */
export async function completed(path: string, context: CompletionContext, source: SymbolSource): Promise<CompletionResult | null> {
  const word = context.matchBefore(WORD);
  const from = word?.from ?? context.pos;
  if (!word && !context.explicit && context.state.sliceDoc(from - 1, from) !== ".") return null;
  if (/String|Comment/.test(syntaxTree(context.state).resolveInner(context.pos, -1).name)) return null;
  const found = await source.completions(path, context.pos);
  if (context.aborted) return null;
  const own = word?.text;
  const options = found.filter(({ name }) => name !== own || found.length === 1).map(({ name, kind, detail }): Completion => ({ label: name, type: TYPES[kind] ?? kind, detail: detail === path ? undefined : detail, boost: detail === path ? 1 : 0 }));
  return options.length ? { from, options, validFor: /^[\p{L}\p{N}_$]*$/u } : null;
}
