/** The entry of the workspace: take the session up, open its workbench, or say why that cannot be done now. */
import { byId, h, icon } from "./dom";
import { randomId } from "./events";
import { BrokenLog } from "./files";
import { Journal } from "./journal";
import { oneTabAtATime } from "./one_tab";
import { Session, type SessionState, Unavailable } from "./session";
import { takeUp } from "./taking_up";
import { type Whereabouts, Workbench } from "./workbench";

const main = byId("workspace");
const sessionId = Number(main.dataset.session);
const base = main.dataset.base ?? `/sessions/${sessionId}/`;
const TAKE_OVER = `amend.take-over.${sessionId}`;
const where: Whereabouts = { sessionId, home: main.dataset.home ?? "/", signIn: main.dataset.signIn ?? "/", result: main.dataset.result ?? base };

void open();

/** The steps of loading, each named on the page; what fails is said with a way to try again. */
async function open(): Promise<void> {
  const loading = byId("loading");
  const client = randomId();
  const session = new Session(base, client);
  try {
    step("Looking for edits kept in this browser");
    const journal = await Journal.open(sessionId).catch(() => null);
    step("Asking for the files of this session");
    const tab = await oneTabAtATime(sessionId, client);
    const taken = await takeUp(session, journal, {
      aliveElsewhere: tab.aliveElsewhere,
      takeOverAtOnce: takeOverWasAsked(),
      mayTakeOver: askToTakeOver,
      politely: tab.politely,
    });
    if (!taken) return readOnly(await session.state());
    await tab.hold();
    step("Opening the editor");
    await customElements.whenDefined("wa-tree-item");
    const workbench = new Workbench(session, journal, taken, where, takeOver);
    tab.onYield(() => workbench.yieldTo());
    loading.remove();
    workbench.start();
  } catch (error) {
    failed(error);
  }
}

function step(words: string): void {
  byId("loading-step").textContent = words + "…";
}

function failed(error: unknown): void {
  const words =
    error instanceof Unavailable || error instanceof BrokenLog
      ? error.message
      : error instanceof TypeError || error instanceof DOMException
        ? "The server cannot be reached."
        : String(error instanceof Error ? error.message : error);
  const away = error instanceof Unavailable && [401, 403].includes(error.status);
  byId("loading").replaceChildren(
    icon("offline"),
    h("h2", {}, "This session cannot be opened now"),
    h("p", {}, `${words} Nothing is lost: what you did is saved on the server or kept in this browser.`),
    away
      ? h("a", { class: "wa-button wa-brand", href: where.signIn }, "Sign in")
      : h("button", { type: "button", class: "wa-brand", click: () => location.reload() }, "Try again"),
  );
  if (!(error instanceof Unavailable)) console.error(error);
}

async function askToTakeOver(since: string | undefined): Promise<boolean> {
  const when = since ? ` since ${new Date(since).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}` : "";
  const { ask } = await import("./dialogs");
  const { choice } = await ask({
    title: "This session is open in another page",
    words: [
      `Another page has been working on it${when}. Only one page can write at a time.`,
      "If you take over, the other page stops; what it has saved appears here.",
    ],
    choices: [
      { value: "read", label: "Only read here" },
      { value: "take", label: "Take over", look: "wa-brand" },
    ],
    escape: "read",
  });
  return choice === "take";
}

function takeOverWasAsked(): boolean {
  try {
    const asked = sessionStorage.getItem(TAKE_OVER) !== null;
    sessionStorage.removeItem(TAKE_OVER);
    return asked;
  } catch {
    return false;
  }
}

function takeOver(): void {
  try {
    sessionStorage.setItem(TAKE_OVER, "1");
  } catch {
    // Then the page asks once more.
  }
  location.reload();
}

/** The session is closed, or another page keeps it: files to read, nothing to record. */
function readOnly(state: SessionState): void {
  byId("loading").remove();
  const workbench = new Workbench(new Session(base, ""), null, { state, kept: [], journalled: true, stranded: 0, tookOverFrom: null }, where, takeOver);
  workbench.startReadOnly(
    state.closed ? "closed" : "fenced",
    state.closed ? "This session has been closed." : "Another page holds this session.",
  );
}
