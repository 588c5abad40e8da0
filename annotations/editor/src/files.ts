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

/** What was generated under a path; `doc` is null where the text is not known or there is none. */
interface Generated {
  doc: Text | null;
  crlf: boolean;
  contentSha256: string;
}

/** An entry does not fit the files. Never guessed at. */
export class BrokenLog extends Error {}

export class Files {
  private readonly byPath = new Map<string, SessionFile>();
  /** Generated files that are gone, so that they still show as changes. */
  readonly deleted = new Set<string>();
  private readonly generated = new Map<string, Generated>();
  private readonly movedTo = new Map<string, string>();

  constructor(stateFiles: StateFile[]) {
    for (const sent of stateFiles) {
      const doc = sent.text === null ? null : toDocument(sent.text);
      const changed = sent.changed ?? false;
      const file = {
        path: sent.path,
        doc,
        contentSha256: sent.content_sha256 ?? "",
        size: sent.size ?? sent.text?.length ?? 0,
        crlf: sent.line_separator === "\r\n",
        generated: sent.generated ?? true,
        original: typeof sent.original === "string" ? toDocument(sent.original) : changed ? null : doc,
        changedBefore: changed,
      };
      this.byPath.set(sent.path, file);
      if (file.generated) this.generated.set(sent.path, { doc: file.original, crlf: file.crlf, contentSha256: changed ? "" : file.contentSha256 });
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

  /** These generated files are gone, as the server says. */
  areGone(paths: readonly string[]): void {
    for (const path of paths) {
      this.deleted.add(path);
      this.generated.set(path, { doc: null, crlf: false, contentSha256: "" });
    }
  }

  /** What was generated under this path has become known. */
  knowGenerated(path: string, text: string, crlf: boolean): void {
    this.generated.set(path, { doc: toDocument(text), crlf, contentSha256: "" });
  }

  /** Under which path a file lies that once lay here; the path itself where it was not moved in this page. */
  whereIs(path: string): string {
    for (let step = 0; step < this.movedTo.size && !this.byPath.has(path); step++) path = this.movedTo.get(path) ?? path;
    return path;
  }

  /** The documents changed outside of `apply`, by typing. */
  setDocument(path: string, doc: Text): void {
    this.must(path).doc = doc;
  }

  /** Whether a file differs from what was generated. */
  isChanged(path: string): boolean {
    const file = this.must(path);
    if (!file.generated) return true;
    if (file.original && file.doc) return !file.doc.eq(file.original) || file.crlf !== this.generated.get(path)?.crlf;
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
        this.put(newFile(event.path, event.text, event.line_separator === "\r\n"));
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
        this.movedTo.set(event.path, event.to);
        this.put({ ...file, path: event.to });
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

  /** A file takes its place; where one was generated it is compared with that from now on. */
  private put(file: SessionFile): void {
    const before = this.generated.get(file.path);
    this.deleted.delete(file.path);
    this.byPath.set(file.path, {
      ...file,
      generated: before !== undefined,
      original: file.doc ? (before?.doc ?? null) : null,
      changedBefore: !before || file.doc !== null || before.contentSha256 !== file.contentSha256,
    });
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

function newFile(path: string, text: string, crlf: boolean): SessionFile {
  return {
    path,
    doc: toDocument(text),
    contentSha256: "",
    size: text.length,
    crlf,
    generated: false,
    original: null,
    changedBefore: true,
  };
}
