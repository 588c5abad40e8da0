/** Search and replace in all files: every place is shown as it is and as it would become, before anything is changed. */
import { ChangeSet, Text } from "@codemirror/state";
import { ask } from "./dialogs";
import { MOST_EDITABLE } from "./documents";
import { byId, counted, h, icon } from "./dom";
import type { Files } from "./files";
import type { FileHits, Found, Hit, Query } from "./find";
import { GuardedSearch } from "./guarded_search";

const MOST_SHOWN = 300;
const MOST_REPLACED = 20_000;
export const USER_EVENT = "input.replace.files";

export interface Acts {
  searched(length: number): void;
  replaced(length: number, files: number, places: number): void;
  goTo(path: string, line: number): void;
  /** False where it could not be done. */
  change(path: string, changes: ChangeSet): boolean;
  locked(): boolean;
}

export class FileSearch {
  private readonly input = byId<HTMLInputElement>("search-input");
  private readonly replacement = byId<HTMLInputElement>("replace-input");
  private readonly results = byId("search-results");
  private readonly guarded = new GuardedSearch();
  private readonly options = { matchCase: byId("search-case"), wholeWord: byId("search-word"), pattern: byId("search-pattern") };
  private shown: FileHits[] = [];
  private docs = new Map<string, Text>();
  private timer = 0;

  constructor(
    private readonly files: Files,
    private readonly on: Acts,
  ) {
    for (const input of [this.input, this.replacement]) input.addEventListener("input", () => this.soon());
    for (const option of Object.values(this.options)) {
      option.removeAttribute("disabled");
      option.addEventListener("click", () => {
        option.setAttribute("aria-pressed", String(option.getAttribute("aria-pressed") !== "true"));
        void this.search();
      });
    }
    byId("replace-all").addEventListener("click", () => void this.replaceAll());
    this.results.addEventListener("click", (event) => this.clicked(event.target as Element));
    this.drawButton(0);
    if (this.input.value) this.soon(); // typed before this was here
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.search(), 200);
  }

  private get query(): Query {
    const pressed = (option: HTMLElement): boolean => option.getAttribute("aria-pressed") === "true";
    const { matchCase, wholeWord, pattern } = this.options;
    return { text: this.input.value, matchCase: pressed(matchCase), wholeWord: pressed(wholeWord), pattern: pressed(pattern) };
  }

  /** Null while nothing is to be replaced: an empty field deletes only once somebody asks for it. */
  private get insert(): string | null {
    return this.replacement.value === "" ? null : this.replacement.value;
  }

  private async search(): Promise<void> {
    clearTimeout(this.timer);
    const length = this.input.value.length;
    if (length < 2) return this.say("Two characters or more.");
    this.on.searched(length);
    const found = await this.ask(this.insert, MOST_SHOWN);
    if (found === null) return;
    if (typeof found === "string") return this.say(found);
    this.draw(found);
  }

  /** Ask the worker; the texts are remembered, so that a hit is only used on the text it was found in. */
  private ask(insert: string | null, most: number): Promise<Found | string | null> {
    this.docs = new Map(this.files.paths().flatMap((path) => {
      const { doc } = this.files.get(path)!;
      return doc ? [[path, doc] as const] : [];
    }));
    return this.guarded.find({ query: this.query, replacement: insert, texts: [...this.docs].map(([path, doc]) => [path, doc.toString()]), most });
  }

  private clicked(target: Element): void {
    const hit = target.closest<HTMLElement>("[data-hit]");
    if (hit) return this.on.goTo(hit.dataset.hit!, Number(hit.dataset.at));
    const one = target.closest<HTMLElement>("[data-replace]");
    if (!one) return;
    const file = this.shown.find(({ path }) => path === one.dataset.replace);
    if (!file) return;
    const hits = one.dataset.index === undefined ? file.hits : [file.hits[Number(one.dataset.index)]!];
    const done = this.replace(file.path, hits);
    if (done) this.on.replaced(this.input.value.length, 1, hits.length);
    void this.search();
  }

  /** The number of places, and the way they all become something else. */
  private async replaceAll(): Promise<void> {
    const found = await this.ask(this.replacement.value, MOST_REPLACED);
    if (found === null) return;
    if (typeof found === "string") return this.say(found);
    const open = found.files.filter(({ path }) => this.mayChange(path));
    const places = open.reduce((sum, { hits }) => sum + hits.length, 0);
    const kept = found.files.length - open.length;
    const { choice } = await ask({
      title: `Replace ${counted(places, "place")} in ${counted(open.length, "file")}?`,
      words: [
        this.replacement.value === "" ? "What was found is deleted: there is nothing in the second field." : "Each file can be undone by itself.",
        ...(found.cut ? [`These are the first ${MOST_REPLACED.toLocaleString("en")} places; there are more.`] : []),
        ...(kept ? [`${counted(kept, "file")} too large to change ${kept === 1 ? "is" : "are"} left out.`] : []),
      ],
      choices: [
        { value: "no", label: "Change nothing" },
        { value: "yes", label: "Replace", look: "wa-brand" },
      ],
      escape: "no",
    });
    if (choice !== "yes") return;
    const done = open.filter(({ path, hits }) => this.replace(path, hits));
    const count = done.reduce((sum, { hits }) => sum + hits.length, 0);
    if (count) this.on.replaced(this.input.value.length, done.length, count);
    await this.search();
    const words = `Replaced ${counted(count, "place")} in ${counted(done.length, "file")}.`;
    this.results.prepend(h("p", { class: "xs o-passed", role: "status" }, done.length < open.length ? `${words} ${counted(open.length - done.length, "file")} had changed meanwhile or would become too large, and stayed as before.` : words));
  }

  private replace(path: string, hits: Hit[]): boolean {
    const doc = this.files.get(path)?.doc;
    if (!doc || doc !== this.docs.get(path) || !this.mayChange(path)) return false;
    const changes = ChangeSet.of(hits.map(({ from, to, insert }) => ({ from, to, insert: Text.of((insert ?? "").split("\n")) })), doc.length);
    return this.on.change(path, changes);
  }

  private mayChange(path: string): boolean {
    return !this.on.locked() && (this.files.get(path)?.doc?.length ?? Infinity) <= MOST_EDITABLE;
  }

  private draw({ files, places, cut }: Found): void {
    this.shown = files;
    const replaces = this.insert !== null;
    const words = cut ? `The first ${MOST_SHOWN} places` : `${counted(places, "place")} in ${counted(files.length, "file")}`;
    this.results.replaceChildren(
      h("p", { class: "quiet xs", role: "status" }, words),
      ...files.map((file) =>
        h(
          "div",
          { class: "hits" },
          h(
            "div",
            { class: "row nowrap" },
            h("span", { class: "label", title: file.path }, file.path),
            replaces && !cut && this.mayChange(file.path) ? replaceButton(file.path, undefined, `Replace in ${file.path}`) : null,
          ),
          ...file.hits.map((hit, index) => h("div", { class: "row nowrap hit-row" }, place(file.path, hit), replaces && this.mayChange(file.path) ? replaceButton(file.path, index, `Replace in line ${hit.line}`) : null)),
        ),
      ),
    );
    this.drawButton(places);
  }

  private say(words: string): void {
    this.shown = [];
    this.results.replaceChildren(h("p", { class: "quiet xs", role: "status" }, words));
    this.drawButton(0);
  }

  private drawButton(places: number): void {
    byId<HTMLButtonElement>("replace-all").disabled = places === 0 || this.on.locked();
  }
}

function place(path: string, hit: Hit): HTMLElement {
  return h(
    "button",
    { type: "button", class: "plainrow hit", title: hit.before + hit.found + hit.after, "data-hit": path, "data-at": String(hit.line) },
    h("span", { class: "quiet num" }, String(hit.line)),
    " ",
    h("span", { class: "mono" }, hit.before.slice(-12).trimStart(), ...(hit.insert === null ? [h("b", {}, hit.found)] : [h("del", {}, hit.found), h("ins", {}, hit.insert)]), hit.after),
  );
}

function replaceButton(path: string, index: number | undefined, label: string): HTMLElement {
  return h("button", { type: "button", class: "icon wa-plain push", "data-replace": path, ...(index === undefined ? {} : { "data-index": String(index) }), "aria-label": label, title: label }, icon("next", "i-s"));
}
