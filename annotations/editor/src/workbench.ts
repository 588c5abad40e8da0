/**
 * The workspace of a session that is taken up: its parts, and what one has to do with the other.
 *
 * `window.__amend` shows tests (and the curious) what the page holds; nothing can be changed through it.
 */
import type { ChangeSet, Text } from "@codemirror/state";
import { Activity } from "./activity";
import { Breaks } from "./breaks";
import { Panel } from "./checks";
import { ClockWatch } from "./clock_watch";
import { tell } from "./dialogs";
import { Compare } from "./diff";
import { digest } from "./digest";
import { Dock } from "./dock";
import { byId, counted } from "./dom";
import { Editor } from "./editor";
import type { LogEvent } from "./events";
import { FileSearch } from "./file_search";
import { FileVerbs } from "./file_verbs";
import { Files } from "./files";
import { Finishing } from "./finishing";
import type { Journal } from "./journal";
import { listenForKeys, showKeys } from "./keys";
import { LiveLog } from "./live_log";
import { OpenFiles } from "./open_files";
import { type Entry, fileEntry, QuickOpen } from "./quick_open";
import { Running } from "./running";
import { Saving } from "./saving";
import type { Session, SessionState } from "./session";
import { SessionLog } from "./session_log";
import { tellOfStranded } from "./stranded";
import { Stream } from "./stream";
import type { TakenUp } from "./taking_up";
import { Timer } from "./timer";
import { Tree } from "./tree";

declare global {
  interface Window {
    __amend?: { digest(): string; files(): Record<string, string | null>; accepted(): number; recorded(): number };
  }
}

/** Where the page belongs: the session, and the pages it leads to. */
export interface Whereabouts {
  sessionId: number;
  home: string;
  signIn: string;
  result: string;
}

export class Workbench {
  private readonly state: SessionState;
  private readonly files: Files;
  private readonly log: SessionLog;
  private readonly activity: Activity;
  private readonly editor: Editor;
  private readonly open: OpenFiles;
  private readonly tree: Tree;
  private readonly verbs: FileVerbs;
  private readonly panel: Panel;
  private readonly running: Running;
  private readonly stream: Stream;
  private readonly breaks: Breaks;
  private readonly finishing: Finishing;
  private readonly dock = new Dock();
  private readonly saving: Saving;
  private readonly timer: Timer;
  private readonly compare: Compare;
  private readonly search: FileSearch;
  private readonly quick = new QuickOpen(() => this.entries());
  private readonly clockWatch = new ClockWatch((seconds) => this.log.record("clock.jumped", { seconds }));
  private dirty = 0;

  constructor(
    private readonly session: Session,
    private readonly journal: Journal | null,
    private readonly taken: TakenUp,
    private readonly where: Whereabouts,
    takeOver: () => void,
  ) {
    this.state = taken.state;
    this.files = new Files(this.state.files);
    for (const path of this.state.deleted ?? []) this.files.deleted.add(path);
    this.log = new SessionLog(session, journal, this.files, this.state.accepted, {
      state: () => this.onSaveState(),
      heard: (event) => this.heard(event),
    });
    this.activity = new Activity(this.state.active_seconds, this.state.idle_limit_seconds);
    this.editor = new Editor(
      byId("editor"),
      {
        edited: (path, changes, user, doc) => this.edited(path, changes, user, doc),
        selected: (path, head) => this.log.record("selected", { path, head }),
        scrolled: (path, line) => this.log.record("scrolled", { path, line }),
        searched: (length) => this.log.record("searched", { query_length: length }),
        moved: (line, column) => (byId("position").textContent = `Ln ${line}, Col ${column}`),
      },
      (path) => this.files.get(path)?.original ?? null,
    );
    this.tree = new Tree(byId("tree"), (path) => this.open.show(path));
    this.open = new OpenFiles(where.sessionId, this.files, this.log, this.editor, { shown: (path) => this.tree.select(path) });
    this.verbs = new FileVerbs(this.files, this.open, this.log, () => this.drawFiles());
    this.panel = new Panel({
      goTo: (place) => this.open.goTo(place),
      finding: (place) => this.open.goTo(place, true),
      checkOpened: (check) => this.log.record("check.opened", { check }),
      runAgain: () => void this.running.ask(),
    });
    const liveLog = new LiveLog(byId("dock-log"), byId("dock-run"), (path) => this.open.resolve(path));
    this.stream = new Stream(session, where.sessionId, {
      run: (state) => this.running.heard(state),
      runEnded: (run) => void this.running.ended(run),
      log: (piece) => liveLog.heard(piece),
      fenced: (token) => {
        if (token > this.session.token) this.log.stop("fenced", "Another page has taken this session up.");
      },
    });
    this.running = new Running(session, this.log, this.panel, this.stream, this.activity, {
      begun: (run) => liveLog.begin(run),
      verdict: () => {
        this.applyMarks();
        this.drawFiles();
      },
    });
    void import("./check_acts").then(({ CheckActs }) => new CheckActs(session, this.log, this.panel, this.running));
    this.breaks = new Breaks(this.log, this.activity, this.state.idle_limit_seconds, { runGoesOn: () => this.running.busy, resumed: () => this.editor.focus() });
    this.finishing = new Finishing(session, this.files, this.log, where);
    this.timer = new Timer(byId("timer"), byId("timer-hint"), this.activity, this.state.time_limit_seconds);
    this.saving = new Saving(byId("saving"), byId("banner"), () => this.log.figures(), { tryNow: () => this.log.tryNow(), takeOver }, where);
    this.compare = new Compare(session, {
      opened: (path) => this.log.record("diff.opened", { path }),
      flush: () => this.log.flush(),
      edit: (path) => this.files.has(path) && this.open.show(path),
    });
    this.search = new FileSearch(this.files, {
      searched: (length) => this.log.record("searched", { query_length: length }),
      goTo: (path, line) => this.open.goTo({ path, line }),
    });
    window.__amend = {
      digest: () => digest(this.files),
      files: () => Object.fromEntries(this.files.paths().map((path) => [path, this.files.get(path)!.doc?.toString() ?? null])),
      accepted: () => this.log.accepted,
      recorded: () => this.log.recorded,
    };
  }

  start(): void {
    const agrees = this.state.digest === "" || digest(this.files) === this.state.digest;
    for (const event of this.taken.kept) this.files.apply(event);
    this.log.adopt(this.taken.kept);
    this.log.record("opened", { client: this.session.client });
    if (this.taken.tookOverFrom !== null) this.log.record("took_over", { from: this.taken.tookOverFrom });
    if (this.taken.stranded) this.log.record("stranded", { entries: this.taken.stranded });
    this.log.recordHash();
    this.editor.lock(false);
    this.firstView();
    this.listen();
    this.timer.start();
    this.stream.open();
    this.breaks.watch();
    this.clockWatch.start();
    if (!agrees) void tell("The files do not match the record", "The server's hash of the files differs from this browser's. It has been recorded; you can go on, but please tell the researcher.");
    if (this.taken.stranded) void tellOfStranded(this.journal, this.where.sessionId);
  }

  startReadOnly(why: "closed" | "fenced", sentence: string): void {
    this.log.end();
    this.log.stop(why, sentence);
    this.firstView();
    this.listen();
    this.timer.draw();
    this.saving.draw();
  }

  /** Another page of this browser takes over: save what there is and stop. */
  async yieldTo(): Promise<void> {
    await this.log.flush().catch(() => undefined);
    this.log.stop("fenced", "Another page has taken this session up.");
  }

  private firstView(): void {
    this.panel.fillDock();
    this.applyMarks();
    this.drawFiles();
    this.open.firstView([...this.panel.failures((path) => this.open.resolve(path)).keys()][0]);
    const last = this.state.last_run;
    if (last && ["queued", "running"].includes(last.state)) this.running.begin(last.id);
    else if (last) this.log.record("run.seen", { run: last.id });
  }

  private drawFiles(): void {
    const failures = this.panel.failures((path) => this.open.resolve(path));
    const paths = this.files.paths();
    this.tree.draw(paths, (path) => this.files.isChanged(path), (path) => failures.get(path) ?? 0);
    this.open.draw();
    byId("changed-count").textContent = `${this.files.changedPaths().length} of ${counted(paths.length, "file")} changed`;
  }

  private applyMarks(): void {
    this.editor.setMarks(this.panel.marks((path) => this.open.resolve(path)));
  }

  // What is heard

  private edited(path: string, changes: ChangeSet, user: string, doc: Text): void {
    this.files.setDocument(path, doc);
    this.log.recordEdit(path, changes, user);
    clearTimeout(this.dirty);
    this.dirty = window.setTimeout(() => this.drawFiles(), 250);
  }

  private heard(event: LogEvent): void {
    this.activity.note(event);
    this.breaks.heard();
  }

  private onSaveState(): void {
    if (this.log.stopped) {
      this.log.end();
      this.editor.lock(true);
      this.stream.close();
      this.clockWatch.stop();
      this.running.drawButton();
    }
    this.saving.draw();
  }

  // Buttons, menus, keys, the window

  private listen(): void {
    const click = (id: string, act: () => void): void => byId(id).addEventListener("click", act);
    click("run-checks", () => void this.running.ask());
    click("pause", () => void this.breaks.pause());
    click("open-compare", () => this.openCompare());
    click("open-quick", () => this.quick.open());
    click("new-file", () => void this.verbs.create());
    for (const menu of ["finish", "file-menu"])
      byId(menu).addEventListener("wa-select", (event) => this.choose((event as unknown as CustomEvent<{ item: { value: string } }>).detail.item.value));
    listenForKeys({
      save: () => this.log.tryNow(),
      run: () => void this.running.ask(),
      quickOpen: () => this.quick.open(),
      searchFiles: () => this.openSearch(),
      console: () => this.dock.toggle(),
      stepFailure: (direction) => this.panel.step(direction),
    });
    window.addEventListener("focus", () => this.log.record("focus", {}));
    window.addEventListener("blur", () => this.log.record("blur", {}));
    document.addEventListener("visibilitychange", () => {
      this.log.record(document.visibilityState === "visible" ? "visible" : "hidden", {});
      if (document.visibilityState === "hidden") this.log.beacon();
    });
    window.addEventListener("pagehide", () => this.log.beacon());
    window.addEventListener("online", () => this.log.tryNow());
    window.addEventListener("beforeunload", (event) => {
      if (this.log.endangered) event.preventDefault();
    });
    this.running.drawButton();
  }

  private choose(value: string): void {
    const acts: Record<string, () => Promise<void>> = {
      submit: () => this.finishing.finish("submitted"),
      "give-up": () => this.finishing.finish("gave_up"),
      leave: () => this.finishing.leave(),
      rename: () => this.verbs.rename(),
      delete: () => this.verbs.delete(),
    };
    void acts[value]?.();
  }

  private openCompare(): void {
    void this.compare.open(this.files.changedPaths(), this.open.current);
  }

  private openSearch(): void {
    (byId("side-tabs") as HTMLElement & { active: string }).active = "search";
    setTimeout(() => this.search.focus(), 50);
  }

  private entries(): Entry[] {
    const command = (name: string, choose: () => void, keys?: string): Entry => ({ group: "Commands", sign: "goto", name, keys, choose });
    return [
      ...this.files.paths().map((path) => fileEntry(path, () => this.open.show(path))),
      ...this.panel.checks().map(({ name, open }): Entry => ({ group: "Checks", sign: "failed", name, choose: open })),
      command("Run checks", () => void this.running.ask(), "Ctrl ↵"),
      command("Compare with the generated code", () => this.openCompare()),
      command("Search in all files", () => this.openSearch(), "Ctrl Shift F"),
      command("New file…", () => void this.verbs.create()),
      command("Rename this file…", () => void this.verbs.rename()),
      command("Delete this file…", () => void this.verbs.delete()),
      command("Show or hide the console", () => this.dock.toggle(), "Ctrl `"),
      command("Pause…", () => void this.breaks.pause()),
      command("Submit repair…", () => void this.finishing.finish("submitted")),
      command("Give up with a reason…", () => void this.finishing.finish("gave_up")),
      command("Leave and keep my place", () => void this.finishing.leave()),
      command("All keys", () => showKeys(), "?"),
    ];
  }
}
