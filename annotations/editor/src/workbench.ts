/** The workspace of a session that is taken up: its parts, and what one has to do with the other. */
import type { ChangeSet, Text } from "@codemirror/state";
import { Activity } from "./activity";
import { Breaks } from "./breaks";
import { listenForButtons } from "./buttons";
import { Panel } from "./checks";
import { ClockWatch } from "./clock_watch";
import { type Acts, commands } from "./commands";
import { tell } from "./dialogs";
import type { Compare } from "./diff";
import { digest } from "./digest";
import { Dock } from "./dock";
import { byId, counted } from "./dom";
import { sharedEditing } from "./editing";
import type { Shared } from "./editor";
import type { LogEvent } from "./events";
import type { FileSearch } from "./file_search";
import { FileVerbs } from "./file_verbs";
import { Files } from "./files";
import type { Finishing } from "./finishing";
import { showInside } from "./inspection";
import type { Journal } from "./journal";
import { listenForKeys, showKeys } from "./keys";
import { Lazy } from "./lazy";
import { LiveLog } from "./live_log";
import { Navigation } from "./navigation";
import { OpenFiles } from "./open_files";
import { type Entry, fileEntry, QuickOpen } from "./quick_open";
import type { Restore } from "./restore";
import { Running, say } from "./running";
import { Saving } from "./saving";
import type { Session, SessionState } from "./session";
import { SessionLog } from "./session_log";
import { KeymapChoice } from "./settings";
import { Stream } from "./stream";
import type { TakenUp } from "./taking_up";
import { Timer } from "./timer";
import { Tree } from "./tree";
import { recordWindow } from "./window_events";

/** Where the page belongs: the session, and the pages it leads to. */
export interface Whereabouts {
  sessionId: number;
  home: string;
  signIn: string;
  result: string;
}

const LONGEST_FAREWELL = 1400; // milliseconds; the page that asks waits 1.5 s

export class Workbench {
  private readonly state: SessionState;
  private readonly files: Files;
  private readonly log: SessionLog;
  private readonly activity: Activity;
  private readonly shared: Shared;
  private readonly open: OpenFiles;
  private readonly tree: Tree;
  private readonly verbs: FileVerbs;
  private readonly restore: Lazy<Restore>;
  private readonly keymap: KeymapChoice;
  private readonly navigation: Navigation;
  private readonly panel: Panel;
  private readonly running: Running;
  private readonly stream: Stream;
  private readonly breaks: Breaks;
  private readonly finishing: Lazy<Finishing>;
  private readonly dock = new Dock();
  private readonly saving: Saving;
  private readonly timer: Timer;
  private readonly clockWatch = new ClockWatch((seconds) => this.log.record("clock.jumped", { seconds }));
  private readonly compare: Lazy<Compare>;
  private readonly search: Lazy<FileSearch>;
  private readonly quick: QuickOpen;
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
    this.shared = sharedEditing(this.files, this.log, {
      edited: (path, changes, user, doc) => this.edited(path, changes, user, doc),
      navigation: () => this.navigation,
      current: () => this.open.current,
      restoreAt: (line) => void this.restore.use((restore) => restore.hunk(line)),
    });
    this.tree = new Tree(byId("tree"), {
      open: (path) => this.open.show(path),
      rename: (path) => void this.verbs.rename(path),
      remove: (path) => void this.verbs.delete(path),
    });
    this.open = new OpenFiles(where.sessionId, this.files, this.log, this.shared, {
      shown: (path) => this.tree.select(path),
      moved: (path, line) => this.navigation.moved(path, line),
      leads: (start) => this.quick.open(start),
    });
    this.verbs = new FileVerbs(this.files, this.open, this.log, () => this.drawFiles());
    this.restore = this.later(async () => new (await import("./restore")).Restore(this.files, this.open, this.verbs, this.log, (path) => session.original(path)));
    this.keymap = new KeymapChoice(this.shared, {
      changed: () => {
        this.open.refresh();
        this.open.editor.focus();
      },
      save: () => this.log.tryNow(),
      failed: () => this.navigation.hint("Vim's keys could not be fetched. Choose them again when the connection is back."),
    });
    this.quick = new QuickOpen(() => this.entries(), {
      symbols: () => this.navigation.symbols(),
      line: (line) => this.open.current && this.open.jump(this.open.current, line),
    });
    this.navigation = new Navigation(this.files, this.open, this.quick, this.log);
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
    void import("./contract_reader").then(({ ContractReader }) => new ContractReader(session, this.log));
    const composer = this.later(async () => new (await import("./composer")).Composer(session, this.log, liveLog));
    this.dock.whenSending(() => void composer.use(() => undefined));
    const compose = (request: string): void => {
      this.dock.show("send");
      void composer.use((form) => form.fill(request));
    };
    void import("./check_acts").then(({ CheckActs }) => new CheckActs(session, this.log, this.panel, this.running, compose));
    this.breaks = new Breaks(this.log, this.activity, this.state.idle_limit_seconds, { runGoesOn: () => this.running.busy, resumed: () => this.open.editor.focus() });
    this.finishing = this.later(async () => new (await import("./finishing")).Finishing(session, this.files, this.log, where));
    this.timer = new Timer(byId("timer"), byId("timer-hint"), this.activity, this.state.time_limit_seconds, {
      near: (words) => (byId("announce").textContent = words),
      over: (words) => say(words),
    });
    this.saving = new Saving(byId("saving"), byId("banner"), () => this.log.figures(), { tryNow: () => this.log.tryNow(), takeOver }, where);
    this.compare = this.later(async () => {
      const { Compare } = await import("./diff");
      return new Compare(session, {
        opened: (path) => this.log.record("diff.opened", { path }),
        flush: () => this.log.flush(),
        edit: (path) => this.files.has(path) && this.open.show(path),
      });
    });
    this.search = this.later(async () => {
      const { FileSearch, USER_EVENT } = await import("./file_search");
      return new FileSearch(this.files, {
        searched: (length) => this.log.record("searched", { query_length: length }),
        replaced: (length, files, places) => this.log.record("replaced", { query_length: length, files, places }),
        goTo: (path, line) => this.open.goTo({ path, line }),
        change: (path, changes) => this.open.change(path, changes, USER_EVENT),
        locked: () => this.log.stopped,
      });
    });
    showInside(this.files, this.log);
  }

  start(): void {
    const agrees = this.state.digest === "" || digest(this.files) === this.state.digest;
    for (const event of this.taken.kept) this.files.apply(event);
    this.log.adopt(this.taken.kept, this.taken.journalled);
    this.log.record("opened", { client: this.session.client });
    if (this.taken.tookOverFrom !== null) this.log.record("took_over", { from: this.taken.tookOverFrom });
    if (this.taken.stranded) this.log.record("stranded", { entries: this.taken.stranded });
    this.log.recordHash();
    this.shared.locked = false;
    this.firstView();
    void this.keymap.begin();
    this.listen();
    this.timer.start();
    this.stream.open();
    this.breaks.watch();
    this.clockWatch.start();
    if (!agrees) void tell("The files do not match the record", "The server's hash of the files differs from this browser's. It has been recorded; you can go on, but please tell the researcher.");
    if (this.taken.stranded) void import("./stranded").then(({ tellOfStranded }) => tellOfStranded(this.journal, this.where.sessionId));
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
    this.shared.locked = true; // what is typed from now on could not follow any more
    this.open.refresh();
    await Promise.race([this.log.flush().catch(() => undefined), new Promise((done) => setTimeout(done, LONGEST_FAREWELL))]);
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
    const findings = (path: string): number => (this.shared.marks.get(path) ?? []).filter(({ is }) => is === "finding").length;
    const paths = this.files.paths();
    this.tree.draw(paths, (path) => this.files.isChanged(path), (path) => failures.get(path) ?? 0, findings);
    this.open.draw();
    byId("changed-count").textContent = `${this.files.changedPaths().length} of ${counted(paths.length, "file")} changed`;
  }

  private applyMarks(): void {
    this.shared.marks = this.panel.marks((path) => this.open.resolve(path));
    this.open.refresh();
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
      this.shared.locked = true;
      this.open.refresh();
      this.stream.close();
      this.clockWatch.stop();
      this.running.drawButton();
    }
    this.saving.draw();
  }

  // Buttons, menus, keys

  private listen(): void {
    const { acts } = this;
    listenForButtons(acts, { palette: () => this.quick.open(), searchShown: () => void this.search.use(() => undefined) });
    listenForKeys({
      save: () => this.log.tryNow(),
      run: acts.runChecks,
      file: () => this.quick.open("", true),
      palette: (start) => this.quick.open(start),
      searchFiles: acts.searchFiles,
      console: acts.console,
      stepFailure: (direction) => this.panel.step(direction),
      split: acts.split,
      back: acts.back,
    });
    recordWindow(this.log);
    this.running.drawButton();
  }

  /** Everything that can be asked for by name; buttons, menus and keys lead here, too. */
  private readonly acts: Acts = {
    runChecks: () => this.running.ask(),
    compare: () => this.compare.use((compare) => compare.open(this.files.changedPaths(), this.open.current)),
    searchFiles: () => {
      (byId("side-tabs") as HTMLElement & { active: string }).active = "search";
      return this.search.use((search) => setTimeout(() => search.focus(), 50));
    },
    definition: () => this.atCursor((path, position) => this.navigation.definition(path, position)),
    references: () => this.atCursor((path, position) => this.navigation.references(path, position)),
    back: () => this.open.goBack(),
    split: () => this.open.split(),
    otherColumn: () => this.open.other(),
    newFile: () => this.verbs.create(),
    renameFile: () => this.verbs.rename(),
    deleteFile: () => this.verbs.delete(),
    restoreFile: () => this.restore.use((restore) => restore.file()),
    restoreLines: () => this.restore.use((restore) => restore.hunk()),
    restoreDeleted: (path) => this.restore.use((restore) => restore.deleted(path)),
    otherKeymap: () => this.keymap.change(),
    console: () => this.dock.toggle(),
    pause: () => this.breaks.pause(),
    submit: () => this.finishing.use((finishing) => finishing.finish("submitted")),
    giveUp: () => this.finishing.use((finishing) => finishing.finish("gave_up")),
    leave: () => this.finishing.use((finishing) => finishing.leave()),
    showKeys: () => showKeys(),
  };

  private atCursor(act: (path: string, position: number) => unknown): unknown {
    const { path, view } = this.open.editor;
    return path === null ? undefined : act(path, view.state.selection.main.head);
  }

  private entries(): Entry[] {
    return [
      ...this.files.paths().map((path) => fileEntry(path, () => this.open.show(path))),
      ...this.panel.checks().map(({ name, open }): Entry => ({ group: "Checks", sign: "failed", name, choose: open })),
      ...commands(this.acts, { deleted: this.files.deleted, vim: this.keymap.vim }),
    ];
  }

  /** A part that is fetched when it is first wanted. */
  private later<T>(load: () => Promise<T>): Lazy<T> {
    return new Lazy(load, () => this.navigation.hint("That could not be fetched: the server cannot be reached. Try again."));
  }
}
