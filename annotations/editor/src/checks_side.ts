/** The checks of the workspace: the panel, runs and their live news, the console, requests of one's own. */
import type { Activity } from "./activity";
import { Panel, type Place } from "./checks";
import type { Composer } from "./composer";
import { Dock } from "./dock";
import { byId } from "./dom";
import type { Lazy } from "./lazy";
import { LiveLog } from "./live_log";
import { Running } from "./running";
import type { Session } from "./session";
import type { SessionLog } from "./session_log";
import { Stream } from "./stream";

export class ChecksSide {
  readonly panel: Panel;
  readonly running: Running;
  readonly stream: Stream;
  readonly dock = new Dock();

  constructor(
    sessionId: number,
    session: Session,
    log: SessionLog,
    activity: Activity,
    on: { goTo(place: Place, recorded: boolean): void; resolve(path: string): string | null; verdict(): void; later<T>(load: () => Promise<T>): Lazy<T> },
  ) {
    this.panel = new Panel({
      goTo: (place) => on.goTo(place, false),
      finding: (place) => on.goTo(place, true),
      checkOpened: (check) => log.record("check.opened", { check }),
      runAgain: () => void this.running.ask(),
    });
    const liveLog = new LiveLog(byId("dock-log"), byId("dock-run"), on.resolve);
    this.stream = new Stream(session, sessionId, {
      run: (state) => this.running.heard(state),
      runEnded: (run) => void this.running.ended(run),
      log: (piece) => liveLog.heard(piece),
      fenced: (token) => {
        if (token > session.token) log.stop("fenced", "Another page has taken this session up.");
      },
    });
    this.running = new Running(session, log, this.panel, this.stream, activity, { begun: (run) => liveLog.begin(run), verdict: on.verdict });
    void import("./contract_reader").then(({ ContractReader }) => new ContractReader(session, log));
    const composer: Lazy<Composer> = on.later(async () => new (await import("./composer")).Composer(session, log, liveLog));
    this.dock.whenSending(() => void composer.use(() => undefined));
    const compose = (request: string): void => {
      this.dock.show("send");
      void composer.use((form) => form.fill(request));
    };
    void import("./check_acts").then(({ CheckActs }) => new CheckActs(session, log, this.panel, this.running, compose));
  }
}
