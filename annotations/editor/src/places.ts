/** Places with a name: gone to where there is one, listed where there are several, said to be guesses where they are. */
import type { Files } from "./files";
import type { OpenFiles } from "./open_files";
import type { Entry } from "./quick_open";
import type { SessionLog } from "./session_log";
import type { Place } from "./symbols/project";

export class Places {
  constructor(
    private readonly files: Files,
    private readonly open: OpenFiles,
    private readonly choose: (label: string, entries: Entry[]) => void,
    private readonly log: SessionLog,
  ) {}

  definitions(places: Place[], from: string): void {
    const go = (place: Place): void => {
      this.log.record("definition.opened", { path: place.path, line: this.lineOf(place), from });
      this.jump(place);
    };
    const certain = places.some(({ guessed }) => !guessed);
    if (certain && places.length === 1) return go(places[0]!);
    // A wrong place is worse than none: what is only guessed is offered and never gone to.
    const heading = certain ? `${places.length} definitions of ${places[0]!.name}` : `Perhaps one of these: what stands before .${places[0]!.name} is not known`;
    this.choose(heading, places.map((place) => this.entry(place, () => go(place))));
  }

  references(places: Place[], path: string, at: number): void {
    this.log.record("references.opened", { path, line: this.files.get(path)!.doc!.lineAt(at).number, places: places.length });
    const guesses = places.filter(({ guessed }) => guessed).length;
    const heading = `${places.length} places with ${places[0]!.name}${guesses ? `, ${guesses} of them only by name` : ""}`;
    this.choose(heading, places.map((place) => this.entry(place, () => this.jump(place), true)));
  }

  symbols(places: Place[]): Entry[] {
    return places.map((place) => this.entry(place, () => this.jump(place)));
  }

  private jump(place: Place): void {
    this.open.jump(place.path, this.lineOf(place), this.columnOf(place));
  }

  private entry(place: Place, choose: () => void, withText = false): Entry {
    const line = this.lineOf(place);
    const text = withText ? this.files.get(place.path)!.doc!.line(line).text.trim().slice(0, 120) : "";
    return {
      group: "Symbols",
      sign: "goto",
      name: text || (place.within ? `${place.within}.${place.name}` : place.name),
      more: `${place.path}:${line}${place.guessed && withText ? " · perhaps" : ""}`,
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
