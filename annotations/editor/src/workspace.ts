/**
 * The workspace of one repair session: take it up, show the files, record what is done, run checks, finish.
 *
 * `window.__amend` shows tests (and the curious) what the page holds; nothing can be changed through it.
 */
import type { ChangeSet, Text } from "@codemirror/state";
import { Activity } from "./activity";
import { greenNow, Live, Panel, type Place } from "./checks";
import { ask, tell } from "./dialogs";
import { Compare } from "./diff";
import { digest } from "./digest";
import { Dock } from "./dock";
import { byId, counted, fileName, h, icon, isTyping, remembered } from "./dom";
import { Editor, MOST_EDITABLE } from "./editor";
import { type Kind, type Kinds, type LogEvent, randomId } from "./events";
import { FileSearch } from "./file_search";
import { BrokenLog, Files } from "./files";
import { Journal } from "./journal";
import { languageName } from "./languages";
import { oneTabAtATime } from "./one_tab";
import { type Entry, fileEntry, QuickOpen } from "./quick_open";
import { Recorder } from "./recorder";
import { Saving } from "./saving";
import { type Asked, Session, type SessionState, Unavailable } from "./session";
import { Stream } from "./stream";
import { Tabs } from "./tabs";
import { takeUp, type TakenUp } from "./taking_up";
import { Timer } from "./timer";
import { Tree } from "./tree";
import { Uploader } from "./uploader";

declare global {
  interface Window {
    __amend?: { digest(): string; files(): Record<string, string | null>; accepted(): number; recorded(): number };
  }
}

const main = byId("workspace");
const sessionId = Number(main.dataset.session);
const base = main.dataset.base ?? `/sessions/${sessionId}/`;
const TAKE_OVER = `amend.take-over.${sessionId}`;

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
    const workspace = new Workspace(session, journal, taken, client);
    tab.onYield(() => workspace.yieldTo());
    loading.remove();
    workspace.start();
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
      ? h("a", { class: "wa-button wa-brand", href: main.dataset.signIn ?? "/" }, "Sign in")
      : h("button", { type: "button", class: "wa-brand", click: () => location.reload() }, "Try again"),
  );
  if (!(error instanceof Unavailable)) console.error(error);
}

async function askToTakeOver(since: string | undefined): Promise<boolean> {
  const when = since ? ` since ${new Date(since).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}` : "";
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

/** The session is closed, or another page keeps it: files to read, nothing to record. */
function readOnly(state: SessionState): void {
  byId("loading").remove();
  const workspace = new Workspace(new Session(base, ""), null, { state, kept: [], stranded: 0 }, "");
  workspace.startReadOnly(
    state.closed ? "closed" : "fenced",
    state.closed ? "This session has been closed." : "Another page holds this session.",
  );
}

class Workspace {
  private readonly files: Files;
  private readonly uploader: Uploader;
  private readonly recorder: Recorder;
  private readonly activity: Activity;
  private readonly editor: Editor;
  private readonly tabs: Tabs;
  private readonly tree: Tree;
  private readonly panel: Panel;
  private readonly dock = new Dock();
  private readonly saving: Saving;
  private readonly timer: Timer;
  private readonly stream: Stream;
  private readonly compare: Compare;
  private readonly search: FileSearch;
  private readonly quick: QuickOpen;
  private readonly state: SessionState;
  private current: string | null = null;
  private runGoingOn: number | null = null;
  private asking = false;
  private live: Live | null = null;
  private fetchingFirst = false;
  private announced = "";
  private idleAsked = false;
  private dirty = 0;

  constructor(
    private readonly session: Session,
    private readonly journal: Journal | null,
    private readonly taken: TakenUp,
    private readonly client: string,
  ) {
    this.state = taken.state;
    this.files = new Files(this.state.files);
    for (const path of this.state.deleted ?? []) this.files.deleted.add(path);
    this.uploader = new Uploader(session.wire, this.state.accepted, {
      state: (state) => this.onSaveState(state.is === "stopped"),
      confirmed: (through) => void this.journal?.confirm(this.client, through).catch(() => undefined),
    });
    this.activity = new Activity(this.state.active_seconds, this.state.idle_limit_seconds);
    this.recorder = new Recorder(randomId(), client, this.state.accepted, journal, this.uploader, (event) => this.heard(event));
    this.editor = new Editor(
      byId("editor"),
      {
        edited: (path, changes, user, doc) => this.edited(path, changes, user, doc),
        selected: (path, head) => this.record("selected", { path, head }),
        scrolled: (path, line) => this.record("scrolled", { path, line }),
        searched: (length) => this.record("searched", { query_length: length }),
        moved: (line, column) => (byId("position").textContent = `Ln ${line}, Col ${column}`),
      },
      (path) => this.files.get(path)?.original ?? null,
    );
    this.tabs = new Tabs(byId("tabs"), { show: (path) => this.show(path), close: (path) => this.close(path) });
    this.tree = new Tree(byId("tree"), (path) => this.show(path));
    this.panel = new Panel({
      goTo: (place) => this.goTo(place),
      finding: (place) => this.goTo(place, true),
      checkOpened: (check) => this.record("check.opened", { check }),
      runAgain: () => void this.runChecks(),
    });
    this.timer = new Timer(byId("timer"), byId("timer-hint"), this.activity, this.state.time_limit_seconds);
    this.stream = new Stream(session, {
      run: (state) => this.onRun(state.run, state),
      runEnded: (run) => void this.onRunEnded(run),
      fenced: (token) => {
        if (token > this.session.token) this.uploader.stop("fenced", "Another page has taken this session up.");
      },
    });
    this.saving = new Saving(
      byId("saving"),
      byId("banner"),
      () => ({
        state: this.uploader.state,
        accepted: this.uploader.accepted,
        confirmedAt: this.uploader.confirmedAt,
        unsent: this.uploader.unsent,
        unsentEdits: this.uploader.unsentEdits,
        journalFailed: this.recorder.journalFailed,
      }),
      { tryNow: () => this.uploader.tryNow(), takeOver: () => this.takeOver() },
      { signIn: main.dataset.signIn ?? "/", result: main.dataset.result ?? base },
    );
    this.compare = new Compare(session, {
      opened: (path) => this.record("diff.opened", { path }),
      flush: () => this.flush(),
      edit: (path) => this.files.has(path) && this.show(path),
    });
    this.search = new FileSearch(this.files, {
      searched: (length) => this.record("searched", { query_length: length }),
      goTo: (path, line) => this.goTo({ path, line }),
    });
    this.quick = new QuickOpen(() => this.entries());
    window.__amend = {
      digest: () => digest(this.files),
      files: () => Object.fromEntries(this.files.paths().map((path) => [path, this.files.get(path)!.doc?.toString() ?? null])),
      accepted: () => this.uploader.accepted,
      recorded: () => this.recorder.last,
    };
  }

  start(): void {
    const agrees = this.state.digest === "" || digest(this.files) === this.state.digest;
    for (const event of this.taken.kept) this.files.apply(event);
    this.recorder.adopt(this.taken.kept);
    this.record("opened", { client: this.client });
    this.record("hash", { digest: digest(this.files) });
    this.editor.lock(false);
    this.firstView();
    this.listen();
    this.timer.start();
    this.stream.open();
    setInterval(() => this.watchIdleness(), 1000);
    if (!agrees) void tell("The files do not match the record", "The server's hash of the files differs from this browser's. It has been recorded; you can go on, but please tell the researcher.");
    if (this.taken.stranded) void this.tellOfStranded();
  }

  startReadOnly(why: "closed" | "fenced", sentence: string): void {
    this.recorder.end();
    this.uploader.stop(why, sentence);
    this.firstView();
    this.listen();
    this.timer.draw();
    this.saving.draw();
  }

  /** Another page of this browser takes over: save what there is and stop. */
  async yieldTo(): Promise<void> {
    await this.flush().catch(() => undefined);
    this.uploader.stop("fenced", "Another page has taken this session up.");
  }

  // What is shown

  private firstView(): void {
    this.panel.fillDock();
    this.applyMarks();
    this.drawFiles();
    const kept = (JSON.parse(remembered.get(`session.${sessionId}.tabs`) ?? "[]") as string[]).filter((path) => this.files.has(path));
    const failing = [...this.panel.failures((path) => this.resolve(path)).keys()][0];
    const first = kept.at(-1) ?? failing ?? this.files.paths().find((path) => /(^|\/)(main|app|index|server|views)\.\w+$/.test(path)) ?? this.files.paths()[0];
    for (const path of kept.slice(0, -1)) this.tabs.show(path, (own) => this.files.isChanged(own));
    if (first) this.show(first, false);
    const last = this.state.last_run;
    if (last && ["queued", "running"].includes(last.state)) this.beginRun(last.id);
    else if (last) this.record("run.seen", { run: last.id });
  }

  private show(path: string, focus = true): void {
    const file = this.files.get(path);
    if (!file || (path === this.current && focus)) {
      if (file?.doc) this.editor.focus();
      return;
    }
    this.current = path;
    this.tabs.show(path, (own) => this.files.isChanged(own));
    this.tree.select(path);
    this.record("file.opened", { path });
    const text = file.doc !== null;
    byId("editor").hidden = !text;
    byId("not-text").hidden = text;
    byId("large-file").hidden = !text || file.doc!.length <= MOST_EDITABLE;
    if (file.doc) this.editor.show(path, file.doc);
    else {
      this.editor.hide();
      byId("not-text-words").textContent = `${fileName(path)} is not text (${file.size.toLocaleString("en")} bytes). It can be renamed or deleted, and stays as it is otherwise.`;
    }
    byId("crumbs").replaceChildren(...path.split("/").flatMap((part, index) => (index ? [icon("right"), part] : [part])));
    byId("language").textContent = languageName(path);
    byId("indentation").textContent = file.crlf ? "CRLF" : "LF";
    if (text && focus) this.editor.focus();
    this.rememberTabs();
  }

  private close(path: string): void {
    const next = this.tabs.remove(path);
    this.editor.close(path);
    if (this.files.has(path)) this.record("file.closed", { path });
    if (path === this.current) {
      this.current = null;
      if (next) this.show(next);
      else {
        byId("editor").hidden = true;
        byId("not-text").hidden = false;
        byId("not-text-words").textContent = "No file is open. Choose one on the left, or press Ctrl P.";
        byId("crumbs").replaceChildren();
      }
    }
    this.tabs.draw((own) => this.files.isChanged(own));
    this.rememberTabs();
  }

  private rememberTabs(): void {
    const others = this.tabs.paths.filter((path) => path !== this.current);
    remembered.set(`session.${sessionId}.tabs`, JSON.stringify(this.current ? [...others, this.current] : others));
  }

  private drawFiles(): void {
    const failures = this.panel.failures((path) => this.resolve(path));
    const paths = this.files.paths();
    this.tree.draw(paths, (path) => this.files.isChanged(path), (path) => failures.get(path) ?? 0);
    this.tabs.draw((path) => this.files.isChanged(path));
    byId("changed-count").textContent = `${this.files.changedPaths().length} of ${counted(paths.length, "file")} changed`;
  }

  private applyMarks(): void {
    this.editor.setMarks(this.panel.marks((path) => this.resolve(path)));
  }

  /** A path as the log or a linter says it: exact, or the only file that ends like it. */
  private resolve(path: string): string | null {
    const clean = path.replace(/^\.?\//, "");
    if (this.files.has(clean)) return clean;
    const ending = this.files.paths().filter((own) => own.endsWith("/" + clean) || clean.endsWith("/" + own));
    return ending.length === 1 ? ending[0]! : null;
  }

  private goTo(place: Place, recorded = false): void {
    const path = this.resolve(place.path);
    if (!path) return;
    if (recorded) this.record("finding.opened", { path, line: place.line });
    byId<HTMLDialogElement>("compare").close();
    this.show(path);
    if (this.files.get(path)!.doc) this.editor.goTo(place.line);
  }

  // What is recorded

  private record<K extends Kind>(kind: K, what: Kinds[K]): void {
    this.recorder.record(kind, what);
  }

  private edited(path: string, changes: ChangeSet, user: string, doc: Text): void {
    this.files.setDocument(path, doc);
    this.recorder.recordEdit(path, changes, user);
    clearTimeout(this.dirty);
    this.dirty = window.setTimeout(() => this.drawFiles(), 250);
  }

  private heard(event: LogEvent): void {
    this.activity.note(event);
    this.idleAsked = false;
  }

  private flush(): Promise<void> {
    return this.uploader.flush(this.recorder.last);
  }

  private onSaveState(stopped: boolean): void {
    if (stopped) {
      this.recorder.end();
      this.editor.lock(true);
      this.stream.close();
      this.runButton();
    }
    this.saving.draw();
  }

  private takeOver(): void {
    try {
      sessionStorage.setItem(TAKE_OVER, "1");
    } catch {
      // Then the page asks once more.
    }
    location.reload();
  }

  private async tellOfStranded(): Promise<void> {
    const stranded = (await this.journal?.stranded()) ?? [];
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
    if (choice === "forget") await this.journal?.forgetStranded();
  }

  // Runs

  private async runChecks(): Promise<void> {
    if (this.runGoingOn !== null || this.asking || this.uploader.stopped) return;
    this.asking = true;
    this.runButton();
    try {
      this.record("hash", { digest: digest(this.files) });
      const asked = await this.withEverythingSaved((through, hash) => this.session.requestChecks(through, hash));
      if (asked.run !== undefined) {
        this.record("checks.requested", { run: asked.run });
        this.beginRun(asked.run);
        this.stream.await(asked.run);
        if (asked.digest_matches === false) this.say("The server's hash of the files differs from this browser's; this has been recorded. The run judges what the record says.");
      } else if (asked.error === "running") this.say(asked.sentence ?? "The last run is still going on.");
      else if (asked.error === "fenced" || asked.error === "closed" || asked.error === "broken") this.uploader.stop(asked.error, asked.sentence ?? "");
      else this.say(asked.sentence ?? "The checks could not be asked for. Try again.");
    } catch (error) {
      this.say(error instanceof Error && this.uploader.stopped ? error.message : "The checks could not be asked for: the server cannot be reached. Your edits are kept.");
    } finally {
      this.asking = false;
      this.runButton();
    }
  }

  /** Ask something of the server about the files as they are at this moment. */
  private async withEverythingSaved(request: (through: number, hash: string) => Promise<Asked>): Promise<Asked> {
    const through = this.recorder.last;
    const hash = digest(this.files);
    await this.uploader.flush(through);
    const asked = await request(through, hash);
    if (asked.error !== "gap") return asked;
    await this.uploader.flush(through);
    return request(through, hash);
  }

  private beginRun(run: number): void {
    if (this.runGoingOn === run) return;
    this.runGoingOn = run;
    this.activity.waiting = true;
    this.announced = "";
    if (this.panel.judgedRun !== run) {
      this.live = new Live(byId("run-live"), this.panel.reds());
      this.live.draw({ run, state: "queued", sentence: "Waiting for a place to run." });
    }
    this.runButton();
    this.stream.await(run);
  }

  private onRun(run: number, state: Parameters<Live["draw"]>[0]): void {
    if (state.state === "finished" || state.state === "void") {
      if (this.runGoingOn === run) void this.onRunEnded(run);
      return;
    }
    this.beginRun(run);
    if (state.results) void this.showFirstVerdict(run, state);
    else {
      this.live?.draw(state);
      this.panel.answer(state.answered ?? {});
      this.announceRedFirst(state);
    }
  }

  /** Everything but what comes after the restart: it is shown while the run goes on. */
  private async showFirstVerdict(run: number, state: Parameters<Live["draw"]>[0]): Promise<void> {
    if (this.panel.judgedRun === run) {
      if (state.stage === "contract" && state.total) this.panel.toCome(state.total - (state.done ?? 0));
      return;
    }
    if (this.fetchingFirst) return;
    this.fetchingFirst = true;
    try {
      const html = await this.session.runPanel(run);
      if (this.runGoingOn === run) this.showVerdict(run, html);
    } catch {
      // The end of the run brings the whole verdict.
    } finally {
      this.fetchingFirst = false;
    }
  }

  private async onRunEnded(run: number): Promise<void> {
    if (this.runGoingOn !== run) return;
    this.runGoingOn = null;
    try {
      this.showVerdict(run, await this.session.runPanel(run));
      byId("announce").textContent = `The run has ended. ${this.panel.element.querySelector(".runhead")?.textContent?.replace(/\s+/g, " ").trim() ?? ""}`;
    } catch {
      this.say("The run has ended, but its result could not be fetched.", { label: "Fetch it again", click: () => { this.runGoingOn = run; void this.onRunEnded(run); } });
    }
    this.activity.waiting = false;
    this.live?.end();
    this.live = null;
    this.runButton();
  }

  private showVerdict(run: number, html: string): void {
    const seen = this.panel.judgedRun === run;
    this.panel.replace(html);
    if (!seen) this.record("run.seen", { run });
    this.activity.waiting = false;
    this.live?.end();
    this.live = null;
    this.applyMarks();
    this.drawFiles();
  }

  private announceRedFirst(state: Parameters<Live["draw"]>[0]): void {
    const words = greenNow(state, state.first ?? 0);
    if (!state.first || Object.keys(state.answered ?? {}).length < state.first || words === this.announced) return;
    this.announced = words;
    byId("announce").textContent = words;
  }

  private runButton(): void {
    const button = byId<HTMLButtonElement>("run-checks");
    const busy = this.runGoingOn !== null || this.asking;
    button.disabled = busy || this.uploader.stopped;
    button.classList.toggle("wa-brand", !button.disabled);
    button.classList.toggle("wa-outlined", button.disabled);
    button.replaceChildren(...(busy ? ["Running…"] : [icon("play", "i-s"), " Run checks ", h("kbd", {}, "Ctrl ↵")]));
  }

  /** A sentence above the panel; stays until the next run. */
  private say(words: string, action?: { label: string; click(): void }): void {
    const place = byId("run-note");
    place.hidden = false;
    place.replaceChildren(
      h(
        "div",
        { class: "note unstable" },
        icon("alert"),
        h("span", {}, words),
        h("button", { type: "button", class: "wa-outlined s push", click: () => { place.hidden = true; action?.click(); } }, action?.label ?? "Close"),
      ),
    );
  }

  // Pausing and finishing

  private async pause(): Promise<void> {
    if (this.uploader.stopped) return;
    const { choice, values } = await ask({
      title: "Pause",
      words: ["Paused time does not count. Your place is kept."],
      fields: [
        { name: "reason", label: "Why", options: ["A break", "Interrupted by somebody", "A meeting or another task", "Something here does not work", "Another reason"] },
        { name: "more", label: "In your words (may stay empty)" },
      ],
      choices: [
        { value: "no", label: "Go on working" },
        { value: "pause", label: "Pause", look: "wa-brand" },
      ],
      escape: "no",
    });
    if (choice !== "pause") return;
    const reason = [values.reason, values.more].filter(Boolean).join(": ");
    this.record("paused", { reason });
    const since = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    await ask({ title: `Paused since ${since}`, words: [reason, "Nothing counts until you go on."], choices: [{ value: "go", label: "Go on", look: "wa-brand" }] });
    this.record("resumed", { reason: "" });
    this.editor.focus();
  }

  private watchIdleness(): void {
    if (this.idleAsked || this.uploader.stopped || this.activity.paused || this.runGoingOn !== null) return;
    if (this.activity.silence(performance.now()) < this.state.idle_limit_seconds || document.querySelector("dialog.ask[open]")) return;
    this.idleAsked = true;
    void ask({
      title: "Still working?",
      words: [`Nothing has been done here for ${Math.round(this.state.idle_limit_seconds / 60)} minutes. If you were reading or thinking about this, say so; your answer is recorded.`],
      choices: [
        { value: "away", label: "No, I was away" },
        { value: "yes", label: "Yes, still working", look: "wa-brand" },
      ],
    }).then(({ choice }) => this.record("still_working", { answer: choice === "yes" ? "yes" : "away" }));
  }

  private async finish(reason: "submitted" | "gave_up"): Promise<void> {
    if (this.uploader.stopped) return;
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
      this.record("hash", { digest: digest(this.files) });
      const closed = await this.withEverythingSaved((through, hash) => this.session.close(through, hash, reason, values.note ?? ""));
      if (closed.error) {
        this.say(closed.sentence ?? "The session could not be closed.");
        return;
      }
      this.recorder.end();
      this.uploader.stop("closed", "This session has been closed.");
      location.assign(closed.next ?? main.dataset.result ?? base);
    } catch (error) {
      this.say(error instanceof Error && this.uploader.stopped ? error.message : "The session could not be closed: the server cannot be reached. Your edits are kept; try again.");
    }
  }

  private async leave(): Promise<void> {
    await Promise.race([this.flush().catch(() => undefined), new Promise((done) => setTimeout(done, 3000))]);
    location.assign(main.dataset.home ?? "/");
  }

  // Files

  private async createFile(): Promise<void> {
    const folder = this.current?.includes("/") ? this.current.slice(0, this.current.lastIndexOf("/") + 1) : "";
    const path = await this.askForPath("New file", folder + "new.py", "Create");
    if (!path) return;
    this.doToFiles("file.created", { path, text: "" });
    this.show(path);
  }

  private async renameFile(): Promise<void> {
    const path = this.current;
    if (!path) return;
    const to = await this.askForPath(`Rename ${fileName(path)}`, path, "Rename");
    if (!to || to === path) return;
    this.editor.renamed(path, to);
    this.tabs.rename(path, to);
    this.current = to;
    this.doToFiles("file.renamed", { path, to });
    this.current = null;
    this.show(to);
  }

  private async deleteFile(): Promise<void> {
    const path = this.current;
    if (!path) return;
    const { choice } = await ask({
      title: `Delete ${fileName(path)}?`,
      words: [`${path} disappears from the backend. The record keeps what it held.`],
      choices: [
        { value: "no", label: "Keep the file" },
        { value: "yes", label: "Delete", look: "wa-danger" },
      ],
      escape: "no",
    });
    if (choice !== "yes") return;
    this.close(path);
    this.doToFiles("file.deleted", { path });
  }

  private doToFiles<K extends "file.created" | "file.renamed" | "file.deleted">(kind: K, what: Kinds[K]): void {
    if (this.uploader.stopped) return;
    this.files.apply({ seq: 0, at: 0, mono: 0, page: "", kind, ...what } as unknown as LogEvent);
    this.record(kind, what);
    this.drawFiles();
  }

  private async askForPath(title: string, value: string, verb: string): Promise<string | null> {
    if (this.uploader.stopped) return null;
    const { choice, values } = await ask({
      title,
      words: [],
      fields: [{ name: "path", label: "Path from the root of the project", value, required: true, check: (path) => (path === value && verb === "Rename" ? null : this.files.refuses(path)) }],
      choices: [
        { value: "no", label: "Go on as it was" },
        { value: "yes", label: verb, look: "wa-brand" },
      ],
      escape: "no",
    });
    return choice === "yes" ? values.path! : null;
  }

  // Keys, buttons, the window

  private listen(): void {
    const click = (id: string, act: () => void): void => byId(id).addEventListener("click", act);
    click("run-checks", () => void this.runChecks());
    click("pause", () => void this.pause());
    click("open-compare", () => void this.compare.open(this.files.changedPaths(), this.current));
    click("open-quick", () => this.quick.open());
    click("new-file", () => void this.createFile());
    click("show-keys", () => showKeys());
    byId("finish").addEventListener("wa-select", (event) => this.choose((event as unknown as CustomEvent<{ item: { value: string } }>).detail.item.value));
    byId("file-menu").addEventListener("wa-select", (event) => this.choose((event as unknown as CustomEvent<{ item: { value: string } }>).detail.item.value));
    window.addEventListener("keydown", (event) => this.onKey(event), { capture: true });
    window.addEventListener("focus", () => this.record("focus", {}));
    window.addEventListener("blur", () => this.record("blur", {}));
    document.addEventListener("visibilitychange", () => {
      this.record(document.visibilityState === "visible" ? "visible" : "hidden", {});
      if (document.visibilityState === "hidden") this.uploader.beacon();
    });
    window.addEventListener("pagehide", () => this.uploader.beacon());
    window.addEventListener("online", () => this.uploader.tryNow());
    window.addEventListener("beforeunload", (event) => {
      if (this.recorder.journalFailed && this.uploader.unsentEdits > 0) event.preventDefault();
    });
    this.runButton();
  }

  private choose(value: string): void {
    const acts: Record<string, () => Promise<void>> = {
      submit: () => this.finish("submitted"),
      "give-up": () => this.finish("gave_up"),
      leave: () => this.leave(),
      rename: () => this.renameFile(),
      delete: () => this.deleteFile(),
    };
    void acts[value]?.();
  }

  private onKey(event: KeyboardEvent): void {
    const mod = event.ctrlKey || event.metaKey;
    const dialogOpen = document.querySelector("dialog[open]") !== null;
    const act = (doIt: () => void): void => {
      event.preventDefault();
      event.stopPropagation();
      doIt();
    };
    if (mod && event.key === "s") return act(() => this.uploader.tryNow());
    if (dialogOpen) return;
    if (mod && event.key === "Enter") return act(() => void this.runChecks());
    if (mod && !event.shiftKey && (event.key === "p" || event.key === "k")) return act(() => this.quick.open());
    if (mod && event.shiftKey && event.key.toLowerCase() === "f") return act(() => this.openSearch());
    if (mod && event.code === "Backquote") return act(() => this.dock.toggle());
    if (event.key === "F8") return act(() => this.panel.step(event.shiftKey ? -1 : 1));
    if (event.key === "F6") return act(() => nextPane(event.shiftKey ? -1 : 1));
    if (event.key === "?" && !isTyping(event)) return act(() => showKeys());
  }

  private openSearch(): void {
    (byId("side-tabs") as HTMLElement & { active: string }).active = "search";
    setTimeout(() => this.search.focus(), 50);
  }

  private entries(): Entry[] {
    const command = (name: string, choose: () => void, keys?: string): Entry => ({ group: "Commands", sign: "goto", name, keys, choose });
    return [
      ...this.files.paths().map((path) => fileEntry(path, () => this.show(path))),
      ...this.panel.checks().map(({ name, open }): Entry => ({ group: "Checks", sign: "failed", name, choose: open })),
      command("Run checks", () => void this.runChecks(), "Ctrl ↵"),
      command("Compare with the generated code", () => void this.compare.open(this.files.changedPaths(), this.current)),
      command("Search in all files", () => this.openSearch(), "Ctrl Shift F"),
      command("New file…", () => void this.createFile()),
      command("Rename this file…", () => void this.renameFile()),
      command("Delete this file…", () => void this.deleteFile()),
      command("Show or hide the console", () => this.dock.toggle(), "Ctrl `"),
      command("Pause…", () => void this.pause()),
      command("Submit repair…", () => void this.finish("submitted")),
      command("Give up with a reason…", () => void this.finish("gave_up")),
      command("Leave and keep my place", () => void this.leave()),
      command("All keys", () => showKeys(), "?"),
    ];
  }
}

function showKeys(): void {
  const dialog = byId<HTMLDialogElement>("keys");
  if (!dialog.open) dialog.showModal();
}

/** F6 goes round the panes: files, editor, checks. */
function nextPane(direction: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(at + direction + panes.length) % panes.length];
  const target = next?.id === "editor-pane" ? byId("editor").shadowRoot?.querySelector<HTMLElement>(".cm-content") : next?.querySelector<HTMLElement>("[tabindex='0'], summary, button, wa-tree-item");
  target?.focus();
}
