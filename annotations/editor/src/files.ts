/** The files of a session: what the server sent, then whatever the log says was done to them. */
import { ChangeSet, Text } from "@codemirror/state";
import type { LogEvent } from "./events";

/** One file of `GET state`. `text` is the document (line breaks normalised), null where the bytes are not text. */
export interface StateFile {
  path: string;
  text: string | null;
  line_separator?: string;
  generated?: boolean;
  changed?: boolean;
  /** The document as it was generated; sent only for changed files. Without it no line can be marked as changed. */
  original?: string | null;
  content_sha256?: string;
  size?: number;
}

export interface SessionFile {
  path: string;
  doc: Text | null;
  contentSha256: string;
  size: number;
  crlf: boolean;
  generated: boolean;
  /** What the file was when it was generated; null where unknown or where the file is new. */
  original: Text | null;
  changedBefore: boolean;
}

const LONGEST_PATH = 240;
const LONGEST_NAME = 255;

/** An entry does not fit the files. Never guessed at. */
export class BrokenLog extends Error {}

export class Files {
  private readonly byPath = new Map<string, SessionFile>();
  /** Generated files that are gone, so that they still show as changes. */
  readonly deleted = new Set<string>();

  constructor(stateFiles: StateFile[]) {
    for (const sent of stateFiles) {
      const doc = sent.text === null ? null : toDocument(sent.text);
      const changed = sent.changed ?? false;
      this.byPath.set(sent.path, {
        path: sent.path,
        doc,
        contentSha256: sent.content_sha256 ?? "",
        size: sent.size ?? sent.text?.length ?? 0,
        crlf: sent.line_separator === "\r\n",
        generated: sent.generated ?? true,
        original: typeof sent.original === "string" ? toDocument(sent.original) : changed ? null : doc,
        changedBefore: changed,
      });
    }
  }

  /** Paths in order of UTF-16 code units, the order of the digest. */
  paths(): string[] {
    return [...this.byPath.keys()].sort(byCodeUnits);
  }

  has(path: string): boolean {
    return this.byPath.has(path);
  }

  get(path: string): SessionFile | undefined {
    return this.byPath.get(path);
  }

  /** The documents changed outside of `apply`, by typing. */
  setDocument(path: string, doc: Text): void {
    this.must(path).doc = doc;
  }

  /** Whether a file differs from what was generated. */
  isChanged(path: string): boolean {
    const file = this.must(path);
    if (!file.generated) return true;
    if (file.original && file.doc) return !file.doc.eq(file.original);
    return file.changedBefore;
  }

  changedPaths(): string[] {
    return [...this.paths().filter((path) => this.isChanged(path)), ...this.deleted].sort(byCodeUnits);
  }

  /** Do what an entry says; entries about anything but files change nothing. Throws BrokenLog where it does not fit. */
  apply(event: LogEvent): void {
    switch (event.kind) {
      case "file.created":
        this.mustBeFree(event.path);
        this.byPath.set(event.path, newFile(event.path, event.text));
        this.deleted.delete(event.path);
        break;
      case "file.deleted":
        if (this.must(event.path).generated) this.deleted.add(event.path);
        this.byPath.delete(event.path);
        break;
      case "file.renamed": {
        const file = this.must(event.path);
        this.mustBeFree(event.to);
        this.byPath.delete(event.path);
        if (file.generated) this.deleted.add(event.path);
        this.byPath.set(event.to, { ...file, path: event.to, generated: false });
        break;
      }
      case "edit": {
        const file = this.must(event.path);
        if (!file.doc) throw new BrokenLog(`Entry ${event.seq} edits ${event.path}, which is not text.`);
        try {
          file.doc = ChangeSet.fromJSON(event.changes).apply(file.doc);
        } catch (error) {
          throw new BrokenLog(`Entry ${event.seq} does not fit ${event.path}: ${String(error)}`);
        }
        break;
      }
    }
  }

  /** Why a file may not get this path, by the rules of annotations/replay.py; null where it may. */
  refuses(path: string): string | null {
    const names = path.split("/");
    if (/[\0\\]/.test(path)) return "A path holds no NUL and no backslash.";
    if (path.length > LONGEST_PATH) return `A path is at most ${LONGEST_PATH} characters long.`;
    if (path.startsWith("/")) return "A path is relative to the project: leave out the first slash.";
    if (names.some((name) => name === "" || name === "." || name === "..")) return "No part of a path may be empty, “.” or “..”.";
    if (names.some((name) => new TextEncoder().encode(name).length > LONGEST_NAME)) return `A name is at most ${LONGEST_NAME} bytes long.`;
    if (!path.isWellFormed()) return "The path holds half a character.";
    if (this.byPath.has(path)) return "There is already a file of this name.";
    for (const other of this.byPath.keys()) {
      if (other.startsWith(path + "/")) return "There is already a folder of this name.";
      if (path.startsWith(other + "/")) return `${other} is a file, so nothing can lie in it.`;
    }
    return null;
  }

  private must(path: string): SessionFile {
    const file = this.byPath.get(path);
    if (!file) throw new BrokenLog(`There is no file ${path}.`);
    return file;
  }

  private mustBeFree(path: string): void {
    if (this.byPath.has(path)) throw new BrokenLog(`There is already a file ${path}.`);
  }
}

/** A document from its text: only LF breaks lines, a stray CR is an ordinary character. */
export function toDocument(text: string): Text {
  return Text.of(text.split("\n"));
}

export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function newFile(path: string, text: string): SessionFile {
  return {
    path,
    doc: toDocument(text),
    contentSha256: "",
    size: text.length,
    crlf: false,
    generated: false,
    original: null,
    changedBefore: true,
  };
}
