/** The page that compares two states of a session: what of it answers to keys, clicks and the address. */
import { DiffPane, lineLink } from "./diff_pane";
import { byId, isTyping } from "./dom";

const main = byId("main");
const base = main.dataset.base!;
const place = document.getElementById("changes");
const states = document.getElementById("states") as HTMLFormElement | null;

for (const select of states?.querySelectorAll("select") ?? []) select.addEventListener("change", () => states!.submit());
if (place) begin(place);

function begin(changes: HTMLElement): void {
  const pane = new DiffPane(changes, {
    rows: async (asked) => {
      const response = await fetch(`${base}diff-rows?${main.dataset.query}&path=${encodeURIComponent(main.dataset.path!)}&rows=${asked}`, { signal: AbortSignal.timeout(30_000) });
      if (!response.ok) throw new Error(String(response.status));
      return response.text();
    },
    hunk: (number, of) => (byId("hunk").textContent = of ? `Change ${number} of ${of}` : "No change"),
    linked: ({ side, line }) => history.replaceState(null, "", `#${side}${line}`),
  });
  const wrap = byId("wrap");
  wrap.setAttribute("aria-pressed", String(pane.wrapped));
  wrap.addEventListener("click", () => {
    pane.wrap(!pane.wrapped);
    wrap.setAttribute("aria-pressed", String(pane.wrapped));
  });
  window.addEventListener("keydown", (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") pane.step(1);
    if (event.key === "p") pane.step(-1);
  });
  const link = (): void => {
    const wanted = lineLink(location.hash);
    if (wanted) void pane.goTo(wanted).then((found) => say(found ? "" : `Line ${wanted.line} is not in this comparison.`));
  };
  window.addEventListener("hashchange", link);
  byId("copy-link").addEventListener("click", () => void copied(location.href, "The link is copied."));
  for (const button of document.querySelectorAll<HTMLElement>("[data-copy-side]")) button.addEventListener("click", () => void copySide(button.dataset.copySide as "before" | "after"));
  pane.drawn();
  link();
}

async function copySide(side: "before" | "after"): Promise<void> {
  const at = side === "before" ? main.dataset.before! : main.dataset.after!;
  const path = side === "before" ? main.dataset.pathBefore! : main.dataset.pathAfter!;
  try {
    const response = await fetch(`${base}file?at=${encodeURIComponent(at)}&path=${encodeURIComponent(path)}`, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(String(response.status));
    await copied(await response.text(), `The file as it was ${side} is copied.`);
  } catch {
    say("Not copied: the file could not be fetched.");
  }
}

async function copied(text: string, words: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(words);
  } catch {
    say("Not copied: this browser does not allow it here.");
  }
}

function say(words: string): void {
  byId("announce").textContent = words;
}
