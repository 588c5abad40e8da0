/** Two editors on one page, one recorded as in the workspace, one not; how long a key takes from press to paint in each. */
import { Text } from "@codemirror/state";
import { Documents } from "../../annotations/editor/src/documents";
import { Editor, type Shared } from "../../annotations/editor/src/editor";
import { Journal } from "../../annotations/editor/src/journal";
import { Recorder } from "../../annotations/editor/src/recorder";
import { Uploader } from "../../annotations/editor/src/uploader";

declare global {
  interface Window {
    bench: { ready: Promise<void>; paints: Record<string, number[]>; recording: number[]; recorded(): number; show(arm: string): void };
  }
}

const paints: Record<string, number[]> = { recorded: [], bare: [] };
const recording: number[] = [];
const editors: Record<string, Editor> = {};
let arm = "bare";
let recorder: Recorder;

function make(name: string, edited: ConstructorParameters<typeof Documents>[0]["edited"], doc: Text): void {
  const place = document.createElement("div");
  place.id = name;
  document.body.append(place);
  const documents = new Documents({ edited, tooLarge: () => undefined });
  const never = (): boolean => false;
  const shared: Shared = {
    documents,
    acts: { undo: never, redo: never, definition: never, references: never, restore: () => undefined, tooLarge: () => undefined },
    originalOf: () => doc,
    searched: () => undefined,
    suggested: () => undefined,
    suggestionTaken: () => undefined,
    complete: () => Promise.resolve(null),
    firstKeys: [],
    languages: new Map([["app.py", []]]), // both without a language: its work is the same in both
    marks: new Map(),
    locked: false,
  };
  editors[name] = new Editor(place, shared, { selected: () => undefined, scrolled: () => undefined, moved: () => undefined });
  editors[name].show("app.py", doc);
}

async function begin(): Promise<void> {
  const journal = await Journal.open(1);
  const uploader = new Uploader({ post: async (events) => ({ ok: true, accepted: events.at(-1)!.seq }), beacon: () => true }, 0, {
    state: () => undefined,
    confirmed: (through) => void journal.confirm("bench", through),
  });
  recorder = new Recorder("page", "bench", 0, journal, uploader);
  const doc = Text.of(Array.from({ length: 300 }, (_, line) => `    value_${line} = compute(${line}, "text")`));
  make("bare", () => undefined, doc);
  make("recorded", (path, changes, user) => {
    const before = performance.now();
    recorder.recordEdit(path, changes, user);
    recording.push(performance.now() - before);
  }, doc);
  const { port1, port2 } = new MessageChannel();
  let waiting: { arm: string; at: number } | null = null;
  port1.onmessage = () => {
    if (waiting) paints[waiting.arm]!.push(performance.now() - waiting.at);
    waiting = null;
  };
  window.addEventListener("keydown", () => {
    waiting = { arm, at: performance.now() };
    // The message comes after the frame in which the key was handled has been painted.
    requestAnimationFrame(() => port2.postMessage(0));
  }, { capture: true });
}

window.bench = {
  ready: begin(),
  paints,
  recording,
  recorded: () => recorder.last,
  show(name) {
    arm = name;
    for (const other of Object.keys(editors)) document.getElementById(other)!.hidden = other !== name;
    editors[name]!.goTo(150);
  },
};
