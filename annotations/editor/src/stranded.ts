/** Entries of this browser that could not follow what another page had saved: told of, kept until forgotten. */
import { ask } from "./dialogs";
import { counted, h } from "./dom";
import type { Journal } from "./journal";

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
