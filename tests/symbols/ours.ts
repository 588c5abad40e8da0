/** Answers of the workspace's own index, for all questions at once: JSON in, JSON out. */
import { readFileSync } from "node:fs";
import { toDocument } from "../../annotations/editor/src/files";
import { parserFor } from "../../annotations/editor/src/languages";
import { type Place, ProjectSymbols } from "../../annotations/editor/src/symbols/project";

type Where = [path: string, line: number, column: number];
interface Asked {
  files: Record<string, string>;
  definitions: Where[];
  references: Where[];
}
interface Answer {
  places: Where[];
  guessed: Where[];
  imports: Where[];
  seconds: number;
}

const { files, definitions, references } = JSON.parse(readFileSync(0, "utf8")) as Asked;
const docs = new Map(Object.entries(files).map(([path, text]) => [path, toDocument(text)]));
const symbols = new ProjectSymbols({ paths: () => [...docs.keys()], doc: (path) => docs.get(path) ?? null }, parserFor, () => Promise.resolve(), 60_000); // a busy machine must lose no file
await symbols.all();

const where = ({ path, from }: Place): Where => {
  const line = docs.get(path)!.lineAt(from);
  return [path, line.number, from - line.from];
};
const answers = async (asked: Where[], ask: (path: string, at: number) => Promise<Place[]>): Promise<Answer[]> => {
  const found = [];
  for (const [path, line, column] of asked) {
    const started = performance.now();
    const places = await ask(path, docs.get(path)!.line(line).from + column);
    const seconds = (performance.now() - started) / 1000;
    // A name that was imported and led nowhere in the project is a library's; a use in an import is one.
    const isLibrarys = ({ kind }: Place): boolean => kind === "import" && asked === definitions;
    const certain = places.filter(({ guessed }) => !guessed);
    found.push({ places: certain.filter((one) => !isLibrarys(one)).map(where), guessed: places.filter(({ guessed }) => guessed).map(where), imports: certain.filter(isLibrarys).map(where), seconds });
  }
  return found;
};

process.stdout.write(JSON.stringify({ definitions: await answers(definitions, (path, at) => symbols.definitions(path, at)), references: await answers(references, (path, at) => symbols.references(path, at)) }));
