/** The workspace of a session that is taken up: its two sides, what is recorded of it, and its time. */
import { Activity } from "./activity";
import type { Breaks } from "./breaks";
import { listenForButtons } from "./buttons";
import { ChecksSide } from "./checks_side";
import { ClockWatch } from "./clock_watch";
import { CodeSide } from "./code_side";
import type { Acts } from "./commands";
import { digest } from "./digest";
import { byId } from "./dom";
import type { LogEvent } from "./events";
import { Files } from "./files";
import type { Finishing } from "./finishing";
import { showInside } from "./inspection";
import type { Journal } from "./journal";
import { listenForKeys, showKeys } from "./keys";
import type { Lazy } from "./lazy";
import { say } from "./running";
import { Saving } from "./saving";
import type { Session, SessionState } from "./session";
import { SessionLog } from "./session_log";
import type { TakenUp } from "./taking_up";
import { Timer } from "./timer";
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
  private readonly code: CodeSide;
  private readonly checks: ChecksSide;
  private readonly breaks: Lazy<Breaks>;
  private onEntry: (event: LogEvent) => void = () => undefined;
  private readonly finishing: Lazy<Finishing>;
  private readonly saving: Saving;
  private readonly timer: Timer;
  private readonly clockWatch = new ClockWatch((seconds) => this.log.record("clock.jumped", { seconds }));
  /** Everything that can be asked for by name; buttons, menus and keys lead here, too. */
  private readonly acts: Acts;

  constructor(
    private readonly session: Session,
    private readonly journal: Journal | null,
    private readonly taken: TakenUp,
    private readonly where: Whereabouts,
    takeOver: () => void,
  ) {
    this.state = taken.state;
    this.files = new Files(this.state.files);
    this.files.areGone(this.state.deleted ?? []);
    this.log = new SessionLog(session, journal, this.files, this.state.accepted, {
      state: () => this.onSaveState(),
      heard: (event) => this.heard(event),
    });
    this.activity = new Activity(this.state.active_seconds, this.state.idle_limit_seconds);
    this.acts = {} as Acts; // filled below: the palette holds it before every part of it is there
    this.code = new CodeSide(where.sessionId, session, this.files, this.log, {
      acts: () => this.acts,
      checks: () => this.checks.panel.checks(),
      failures: () => this.checks.panel.failures((path) => this.code.open.resolve(path)),
    });
    this.checks = new ChecksSide(where.sessionId, session, this.log, this.activity, {
      goTo: (place, recorded) => this.code.goTo(place, recorded),
      resolve: (path) => this.code.open.resolve(path),
      verdict: () => {
        this.applyMarks();
        this.code.draw();
      },
      later: (load) => this.code.later(load),
    });
    this.breaks = this.code.later(async () => {
      const { Breaks } = await import("./breaks");
      const breaks = new Breaks(this.log, this.activity, this.state.idle_limit_seconds, { runGoesOn: () => this.checks.running.busy, resumed: () => this.code.open.editor.focus() });
      this.onEntry = (event) => breaks.heard(event);
      return breaks;
    });
    this.finishing = this.code.later(async () => new (await import("./finishing")).Finishing(session, this.files, this.log, where));
    this.timer = new Timer(byId("timer"), byId("timer-hint"), this.activity, this.state.time_limit_seconds, {
      near: (words) => (byId("announce").textContent = words),
      over: (words) => say(words),
    });
    this.saving = new Saving(byId("saving"), byId("banner"), () => this.log.figures(), { tryNow: () => this.log.tryNow(), takeOver }, where);
    Object.assign(this.acts, {
      ...this.code.acts(),
      runChecks: () => this.checks.running.ask(),
      console: () => this.checks.dock.toggle(),
      pause: () => this.breaks.use((breaks) => breaks.pause()),
      submit: () => this.finishing.use((finishing) => finishing.finish("submitted")),
      giveUp: () => this.finishing.use((finishing) => finishing.finish("gave_up")),
      leave: () => this.finishing.use((finishing) => finishing.leave()),
      showKeys: () => showKeys(),
    } satisfies Acts);
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
    this.code.lock(false);
    this.firstView();
    void this.code.settings.begin();
    this.listen();
    this.timer.start();
    this.checks.stream.open();
    void this.breaks.use((breaks) => breaks.watch());
    this.clockWatch.start();
    this.code.palette.prepare();
    if (!agrees) void import("./dialogs").then(({ tell }) => tell("The files do not match the record", "The server's hash of the files differs from this browser's. It has been recorded; you can go on, but please tell the researcher."));
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
    this.code.lock(true); // what is typed from now on could not follow any more
    await Promise.race([this.log.flush().catch(() => undefined), new Promise((done) => setTimeout(done, LONGEST_FAREWELL))]);
    this.log.stop("fenced", "Another page has taken this session up.");
  }

  private firstView(): void {
    this.checks.panel.fillDock();
    this.applyMarks();
    this.code.draw();
    this.code.open.firstView([...this.checks.panel.failures((path) => this.code.open.resolve(path)).keys()][0]);
    const last = this.state.last_run;
    if (last && ["queued", "running"].includes(last.state)) this.checks.running.begin(last.id);
    else if (last) this.log.record("run.seen", { run: last.id });
  }

  private applyMarks(): void {
    this.code.mark(this.checks.panel.marks((path) => this.code.open.resolve(path)));
  }

  // What is heard

  private heard(event: LogEvent): void {
    this.activity.note(event);
    this.onEntry(event);
  }

  private onSaveState(): void {
    if (this.log.stopped) {
      this.log.end();
      this.code.lock(true);
      this.checks.stream.close();
      this.clockWatch.stop();
      this.checks.running.drawButton();
    }
    this.saving.draw();
  }

  // Buttons, menus, keys

  private listen(): void {
    const { acts } = this;
    const { palette, search } = this.code;
    listenForButtons(acts, { palette: () => palette.open(), searchShown: () => void search.use(() => undefined) });
    listenForKeys({
      save: () => this.log.tryNow(),
      run: acts.runChecks,
      file: () => palette.open("", true),
      palette: (start) => palette.open(start),
      searchFiles: acts.searchFiles,
      console: acts.console,
      stepFailure: (direction) => this.checks.panel.step(direction),
      split: acts.split,
      back: acts.back,
      wrap: acts.wrap,
      close: acts.closeFile,
    });
    recordWindow(this.log);
    this.checks.running.drawButton();
  }
}
