/** Languages by file name, fetched when a file of theirs is first opened. */
import type { completeFromList, CompletionSource } from "@codemirror/autocomplete";
import { type StreamParser, StreamLanguage } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import type { Parser } from "@lezer/common";
import { fileName } from "./dom";

interface Language {
  name: string;
  matches: RegExp;
  load(): Promise<Extension>;
  /** For languages whose names are known: the parser, and what completes besides the project's names. */
  parser?: { load(): Promise<Parser>; others(fromList: typeof completeFromList): Promise<CompletionSource> };
}

const python: Language["parser"] = {
  load: async () => (await import("@codemirror/lang-python")).pythonLanguage.parser,
  others: async () => (await import("@codemirror/lang-python")).globalCompletion,
};
const script = (dialect: "javascriptLanguage" | "jsxLanguage" | "typescriptLanguage" | "tsxLanguage"): Language["parser"] => ({
  load: async () => (await import("@codemirror/lang-javascript"))[dialect].parser,
  others: async (fromList) => fromList((await import("@codemirror/lang-javascript"))[dialect.startsWith("t") ? "typescriptSnippets" : "snippets"]),
});

const stream = (parser: StreamParser<unknown>): Extension => StreamLanguage.define(parser);

const LANGUAGES: Language[] = [
  { name: "Python", matches: /\.pyi?$/, load: async () => (await import("@codemirror/lang-python")).python(), parser: python },
  { name: "TypeScript", matches: /\.[cm]?ts$/, load: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true }), parser: script("typescriptLanguage") },
  { name: "TypeScript JSX", matches: /\.tsx$/, load: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true, jsx: true }), parser: script("tsxLanguage") },
  { name: "JavaScript", matches: /\.([cm]?js|jsx)$/, load: async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true }), parser: script("jsxLanguage") },
  { name: "JSON", matches: /\.(json|jsonc)$/, load: async () => (await import("@codemirror/lang-json")).json() },
  { name: "YAML", matches: /\.ya?ml$/, load: async () => (await import("@codemirror/lang-yaml")).yaml() },
  { name: "SQL", matches: /\.sql$/, load: async () => { const { sql, PostgreSQL } = await import("@codemirror/lang-sql"); return sql({ dialect: PostgreSQL }); } },
  { name: "HTML", matches: /\.(html?|jinja2?|j2|ejs)$/, load: async () => (await import("@codemirror/lang-html")).html() },
  { name: "Shell", matches: /(\.(sh|bash|zsh)|^\.env.*|^Procfile)$/, load: async () => stream((await import("@codemirror/legacy-modes/mode/shell")).shell) },
  { name: "Dockerfile", matches: /^Dockerfile/, load: async () => stream((await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile) },
  { name: "TOML", matches: /\.toml$/, load: async () => stream((await import("@codemirror/legacy-modes/mode/toml")).toml) },
  { name: "Properties", matches: /\.(ini|cfg|properties|conf)$/, load: async () => stream((await import("@codemirror/legacy-modes/mode/properties")).properties) },
];

const loaded = new Map<string, Promise<Extension>>();

export function languageName(path: string): string {
  return find(path)?.name ?? "Plain text";
}

/** What the assistance asks and tells. */
export interface Assisted {
  complete: CompletionSource;
  searched(length: number): void;
  suggested(count: number): void;
}

/**
 * Search, highlighting, indentation, bracket closing and completion for a file (null: only search); rejects where the
 * network fails.
 *
 * `complete` knows the project's names; where it does, the language's own local completion would say them twice.
 */
export async function assistanceFor(path: string | null, { complete, searched, suggested }: Assisted): Promise<Extension> {
  const { searching } = await import("./searching");
  if (path === null) return searching(searched);
  const { folding } = await import("./folding");
  const language = find(path);
  const { autocompletion, closeBrackets, closeBracketsKeymap, completeFromList, completionKeymap, completionStatus, currentCompletions } = await import("@codemirror/autocomplete");
  const others = language?.parser ? [await language.parser.others(completeFromList)] : null;
  const assistance = [
    searching(searched),
    folding(),
    closeBrackets(),
    autocompletion({ icons: false, ...(others ? { override: [complete, ...others] } : {}) }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap]),
    EditorView.updateListener.of(({ startState, state }) => {
      if (completionStatus(state) === "active" && completionStatus(startState) !== "active") suggested(currentCompletions(state).length);
    }),
  ];
  return [await languageFor(path), assistance];
}

/** Colours, indentation and the like; rejects where the network fails. */
export async function languageFor(path: string): Promise<Extension> {
  const language = find(path);
  if (!language) return [];
  let extension = loaded.get(language.name);
  if (!extension) loaded.set(language.name, (extension = language.load()));
  try {
    return await extension;
  } catch (error) {
    loaded.delete(language.name);
    throw error;
  }
}

/** The parser of a language whose names are known; null for others. */
export async function parserFor(path: string): Promise<Parser | null> {
  return (await find(path)?.parser?.load()) ?? null;
}

function find(path: string): Language | undefined {
  return LANGUAGES.find(({ matches }) => matches.test(fileName(path)));
}
