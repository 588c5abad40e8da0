/** Another name for a symbol, everywhere in the project: each place is shown first and can be left out. */
import { ChangeSet } from "@codemirror/state";
import { ask, tell } from "./dialogs";
import { counted, h } from "./dom";
import type { Files } from "./files";
import type { OpenFiles } from "./open_files";
import type { SessionLog } from "./session_log";
import type { Place } from "./symbols/project";

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
export const USER_EVENT = "input.replace.symbol";

export class Renaming {
  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly log: SessionLog,
    private readonly references: (path: string, at: number) => Promise<Place[] | null>,
    private readonly hint: (words: string) => void,
  ) {}

  async symbol(path: string, at: number): Promise<void> {
    if (this.log.stopped) return;
    const found = await this.references(path, at);
    if (!found) return this.hint("The names of the project could not be read. Try again.");
    const name = this.nameAt(path, at);
    // An import under another name stands for the symbol and does not spell it.
    const places = found.filter((place) => this.spelled(place) === name);
    if (!places.length) return this.hint("No name of this project stands here.");
    const guesses = places.filter(({ guessed }) => guessed).length;
    const boxes = places.map((place) => [place, this.row(place)] as const);
    const { choice, values } = await ask({
      title: `Rename ${name}`,
      words: [
        `${counted(places.length, "place")} in ${counted(new Set(places.map((place) => place.path)).size, "file")}.${guesses ? ` In ${guesses === 1 ? "one of them" : `${guesses} of them`} only the name fits, since what stands before the dot is not known: choose what is meant.` : ""}`,
        h("div", { class: "scroll places", role: "group", "aria-label": "Places", tabindex: "0" }, ...boxes.map(([, { row }]) => row)),
      ],
      fields: [{ name: "name", label: "New name", value: name, required: true, check: (value) => (NAME.test(value) ? null : "A name is made of letters, digits and _, and begins with no digit.") }],
      choices: [
        { value: "no", label: "Keep the name" },
        { value: "yes", label: "Rename", look: "wa-brand" },
      ],
      escape: "no",
    });
    const chosen = boxes.filter(([, { box }]) => box.checked).map(([place]) => place);
    if (choice === "yes" && values.name !== name && chosen.length) await this.replace(chosen, name, values.name!);
  }

  private async replace(places: Place[], name: string, to: string): Promise<void> {
    const byPath = Map.groupBy(places, ({ path }) => path);
    const refused: string[] = [];
    let count = 0;
    for (const [path, own] of byPath) {
      const doc = this.files.get(path)!.doc!;
      const changes = ChangeSet.of(own.map(({ from, to: end }) => ({ from, to: end, insert: to })), doc.length);
      if (this.open.change(path, changes, USER_EVENT)) count += own.length;
      else refused.push(path);
    }
    const files = byPath.size - refused.length;
    this.log.record("replaced", { query_length: name.length, files, places: count });
    this.hint(`${name} is ${to} in ${counted(count, "place")} of ${counted(files, "file")}. Each file undoes its own.`);
    if (refused.length) await tell("Not everywhere", `${refused.join(", ")} could not be changed.`);
  }

  private row(place: Place): { row: HTMLElement; box: HTMLInputElement } {
    const doc = this.files.get(place.path)!.doc!;
    const line = doc.lineAt(place.from);
    const box = h("input", { type: "checkbox", checked: !place.guessed });
    const row = h(
      "label",
      { class: "row nowrap xs" },
      box,
      h("span", { class: "mono" }, line.text.slice(0, place.from - line.from).trimStart().slice(-60), h("b", {}, doc.sliceString(place.from, place.to)), line.text.slice(place.to - line.from, place.to - line.from + 60)),
      h("span", { class: "push quiet nowrap" }, `${place.path}:${line.number}${place.guessed ? " · perhaps" : ""}`),
    );
    return { row, box };
  }

  private spelled({ path, from, to }: Place): string {
    return this.files.get(path)?.doc?.sliceString(from, to) ?? "";
  }

  private nameAt(path: string, at: number): string {
    const doc = this.files.get(path)!.doc!;
    const line = doc.lineAt(at);
    const before = /[\p{L}\p{N}_$]*$/u.exec(line.text.slice(0, at - line.from))![0];
    const after = /^[\p{L}\p{N}_$]*/u.exec(line.text.slice(at - line.from))![0];
    return before + after;
  }
}
