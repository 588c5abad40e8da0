/** The ends of a session: submitted, given up with a reason, or left to be taken up again. */
import { ask } from "./dialogs";
import { counted } from "./dom";
import type { Files } from "./files";
import { say } from "./running";
import type { Session } from "./session";
import type { SessionLog } from "./session_log";

export class Finishing {
  constructor(
    private readonly session: Session,
    private readonly files: Files,
    private readonly log: SessionLog,
    private readonly addresses: { home: string; result: string },
  ) {}

  async finish(reason: "submitted" | "gave_up"): Promise<void> {
    if (this.log.stopped) return;
    const submits = reason === "submitted";
    const { choice, values } = await ask({
      title: submits ? "Submit this repair" : "Give up on this repair",
      words: [
        submits
          ? `${counted(this.files.changedPaths().length, "file")} changed. The checks run once more, in a fresh sandbox; after that nothing can be changed.`
          : "What you did is kept and counts as a repair that was not finished. After that nothing can be changed.",
      ],
      fields: [{ name: "note", label: submits ? "A note for the researcher (may stay empty)" : "Why", long: true, required: !submits }],
      choices: [
        { value: "no", label: "Go on working" },
        submits ? { value: "yes", label: "Submit repair", look: "wa-brand" } : { value: "yes", label: "Give up", look: "wa-danger" },
      ],
      escape: "no",
    });
    if (choice !== "yes") return;
    try {
      this.log.recordHash();
      const closed = await this.log.withEverythingSaved((through, hash) => this.session.close(through, hash, reason, values.note ?? ""));
      if (closed.error) {
        say(closed.sentence ?? "The session could not be closed.");
        return;
      }
      this.log.end();
      this.log.stop("closed", "This session has been closed.");
      location.assign(closed.next ?? this.addresses.result);
    } catch (error) {
      say(error instanceof Error && this.log.stopped ? error.message : "The session could not be closed: the server cannot be reached. Your edits are kept; try again.");
    }
  }

  async leave(): Promise<void> {
    await Promise.race([this.log.flush().catch(() => undefined), new Promise((done) => setTimeout(done, 3000))]);
    location.assign(this.addresses.home);
  }
}
