/** The log of the session as the page writes it: recorded, kept in the journal, sent, and asked to be complete. */
import type { ChangeSet } from "@codemirror/state";
import { digest } from "./digest";
import { type Kind, type Kinds, type LogEvent, randomId } from "./events";
import type { Files } from "./files";
import type { Journal } from "./journal";
import { Recorder } from "./recorder";
import type { Figures } from "./saving";
import type { Asked, Session } from "./session";
import { Uploader } from "./uploader";

export interface Hears {
  /** What is saved has changed. */
  state(): void;
  heard(event: LogEvent): void;
}

export class SessionLog {
  private readonly uploader: Uploader;
  private readonly recorder: Recorder;

  constructor(
    session: Session,
    journal: Journal | null,
    private readonly files: Files,
    accepted: number,
    hears: Hears,
  ) {
    this.uploader = new Uploader(session.wire, accepted, {
      state: () => hears.state(),
      confirmed: (through) => void journal?.confirm(session.client, through).catch(() => undefined),
    });
    this.recorder = new Recorder(randomId(), session.client, accepted, journal, this.uploader, (event) => hears.heard(event));
  }

  record<K extends Kind>(kind: K, what: Kinds[K]): void {
    if (kind === "file.created") this.recorder.recordCreated(what as Kinds["file.created"]);
    else this.recorder.record(kind, what);
  }

  recordEdit(path: string, changes: ChangeSet, user: string): void {
    this.recorder.recordEdit(path, changes, user);
  }

  /** The browser's own hash of all files after this point. */
  recordHash(): void {
    this.record("hash", { digest: digest(this.files) });
  }

  adopt(kept: LogEvent[], journalled: boolean): void {
    this.recorder.adopt(kept, journalled);
  }

  /** Nothing can be written any more. */
  get stopped(): boolean {
    return this.uploader.stopped;
  }

  get accepted(): number {
    return this.uploader.accepted;
  }

  get recorded(): number {
    return this.recorder.last;
  }

  /** Edits that neither the server nor this browser's storage holds. */
  get endangered(): boolean {
    return this.recorder.journalFailed && this.uploader.unsentEdits > 0;
  }

  figures(): Figures {
    const { state, accepted, confirmedAt, unsent, unsentEdits } = this.uploader;
    return { state, accepted, confirmedAt, unsent, unsentEdits, journalFailed: this.recorder.journalFailed };
  }

  flush(): Promise<void> {
    return this.uploader.flush(this.recorder.last);
  }

  /** Ask something of the server about the files as they are at this moment. */
  async withEverythingSaved(request: (through: number, hash: string) => Promise<Asked>): Promise<Asked> {
    const through = this.recorder.last;
    const hash = digest(this.files);
    await this.uploader.flush(through);
    const asked = await request(through, hash);
    if (asked.error !== "gap") return asked;
    await this.uploader.flush(through);
    return request(through, hash);
  }

  tryNow(): void {
    this.recorder.keepAgain();
    this.uploader.tryNow();
  }

  beacon(): void {
    this.recorder.keepAgain();
    this.uploader.beacon();
  }

  stop(why: "fenced" | "closed" | "broken" | "refused", sentence: string): void {
    this.uploader.stop(why, sentence);
    this.recorder.keepAgain();
  }

  /** Nothing more is recorded. */
  end(): void {
    this.recorder.end();
  }
}
