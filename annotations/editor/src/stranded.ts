/** Entries of this browser that could not follow what another page had saved: sorted out, told of, kept until forgotten. */
import { ask } from "./dialogs";
import { counted, h } from "./dom";
import type { LogEvent } from "./events";
import type { Journal } from "./journal";
import { type Session, Unavailable } from "./session";

/** Entries whose confirmation was lost on the way are in the log: those are not set aside. */
export async function unknownToTheLog(session: Session, events: LogEvent[], accepted: number): Promise<LogEvent[]> {
  const first = events[0]?.seq ?? 0;
  const unbroken = events.findIndex((event, index) => event.seq > accepted || event.seq !== first + index);
  return events.slice(await stored(session, events.slice(0, unbroken < 0 ? events.length : unbroken)));
}

/**
 * How many of these entries, numbered without a gap, the log holds as they are, from the first on. The server compares
 * what it has already whoever holds the session. Rejects where the network fails.
 */
async function stored(session: Session, events: LogEvent[]): Promise<number> {
  let count = 0;
  for (let size = 128; size >= 1; ) {
    const batch = events.slice(count, count + size);
    if (!batch.length) break;
    const { status, body } = await session.post("events", session.envelope(batch));
    if (status === 200) count += batch.length;
    else if (body.error === "broken" || body.error === "fenced" || status === 413) size = Math.floor(size / 2);
    else throw new Unavailable(status);
  }
  return count;
}

export async function tellOfStranded(journal: Journal | null, sessionId: number): Promise<void> {
  const stranded = (await journal?.stranded()) ?? [];
  const events = stranded.flatMap(({ events }) => events);
  const edited = [...new Set(events.flatMap((event) => ("path" in event ? [event.path] : [])))];
  const link = h("a", { class: "wa-button wa-outlined s", download: `session-${sessionId}-unsaved.json`, href: URL.createObjectURL(new Blob([JSON.stringify(stranded, null, 1)], { type: "application/json" })) }, "Download them");
  const { choice } = await ask({
    title: "Some work of this browser was not part of the session any more",
    words: [
      `${counted(events.length, "entry", "entries")} of an earlier page could not follow what another page had saved meanwhile${edited.length ? `, in ${edited.slice(0, 5).join(", ")}` : ""}.`,
      "They are kept in this browser until you forget them.",
      link,
    ],
    choices: [
      { value: "forget", label: "Forget them" },
      { value: "keep", label: "Keep them", look: "wa-brand" },
    ],
    escape: "keep",
  });
  if (choice === "forget") await journal?.forgetStranded();
}
