/** Languages by file name, fetched when a file of theirs is first opened. */
import { type StreamParser, StreamLanguage } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { fileName } from "./dom";

interface Language {
  name: string;
  matches: RegExp;
  load(): Promise<Extension>;
}

const stream = (parser: StreamParser<unknown>): Extension => StreamLanguage.define(parser);

const LANGUAGES: Language[] = [
  { name: "Python", matches: /\.pyi?$/, load: async () => (await import("@codemirror/lang-python")).python() },
  { name: "TypeScript", matches: /\.[cm]?ts$/, load: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true }) },
  { name: "TypeScript JSX", matches: /\.tsx$/, load: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true, jsx: true }) },
  { name: "JavaScript", matches: /\.([cm]?js|jsx)$/, load: async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true }) },
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

/** Highlighting, indentation, bracket closing and completion for a file; rejects where the network fails. */
export async function languageFor(path: string): Promise<Extension> {
  const language = find(path);
  const { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } = await import("@codemirror/autocomplete");
  const assistance = [closeBrackets(), autocompletion({ icons: false }), keymap.of([...closeBracketsKeymap, ...completionKeymap])];
  if (!language) return assistance;
  let extension = loaded.get(language.name);
  if (!extension) loaded.set(language.name, (extension = language.load()));
  try {
    return [await extension, assistance];
  } catch (error) {
    loaded.delete(language.name);
    throw error;
  }
}

function find(path: string): Language | undefined {
  return LANGUAGES.find(({ matches }) => matches.test(fileName(path)));
}
