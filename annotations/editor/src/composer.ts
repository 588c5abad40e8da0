/**
 * Requests of one's own against the backend as the files are now. The server keeps it running in its sandbox for some
 * minutes; every request goes through the server's bounded client, never from this browser to the backend.
 */
import { byId, h, icon } from "./dom";
import type { LiveLog } from "./live_log";
import type { Session } from "./session";
import { csrfToken } from "./session";
import type { SessionLog } from "./session_log";

interface Kept {
  held: number;
  state: "asked" | "ready" | "ended";
  seconds_left: number;
  ended_because: string;
  log: string;
}
interface Line {
  before: string;
  label: string;
  path: string;
  line: number;
  after: string;
}
interface Exchange {
  id: number;
  status: number | null;
  request: string;
  response: string;
  curl: string;
  seconds: number;
  log: Line[];
}

const BEAT = 4000;

export class Composer {
  private kept: Kept | null = null;
  private asking = false;
  private beating = 0;
  private startedAt = "";

  constructor(
    private readonly session: Session,
    private readonly log: SessionLog,
    private readonly liveLog: LiveLog,
  ) {
    byId("held-start").addEventListener("click", () => void this.start());
    byId("held-end").addEventListener("click", () => void this.end());
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    byId("composer").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.stopPropagation(); // not “Run checks”
        void this.send();
      }
    });
    window.addEventListener("pagehide", () => this.leave());
    this.draw();
  }

  /** Fill the form with a request as it was sent by a check. */
  fill(request: string): void {
    const [head = "", body = ""] = request.split("\n\n", 2);
    const [first = "", ...headers] = head.split("\n");
    const space = first.indexOf(" ");
    byId<HTMLSelectElement>("composer-method").value = first.slice(0, space);
    byId<HTMLInputElement>("composer-path").value = first.slice(space + 1);
    byId<HTMLTextAreaElement>("composer-headers").value = headers.filter((line) => !/^(host|content-length):/i.test(line)).join("\n");
    byId<HTMLTextAreaElement>("composer-body").value = request.length > head.length ? body || request.slice(head.length + 2) : "";
    byId("composer-path").focus();
  }

  private async start(): Promise<void> {
    if (this.asking || this.log.stopped) return;
    this.asking = true;
    this.draw("Saving, and starting the backend…");
    try {
      let answer: { status: number; body: Record<string, unknown> } | undefined;
      await this.log.withEverythingSaved(async (through, digest) => {
        answer = await this.session.post("backend", { client: this.session.client, token: this.session.token, through, digest });
        return answer.body;
      });
      if (answer?.status === 202) {
        this.startedAt = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        this.take(answer.body as unknown as Kept);
        clearInterval(this.beating);
        this.beating = window.setInterval(() => void this.beat(), BEAT);
        setTimeout(() => void this.beat(), 800);
      } else this.say(sentence(answer?.body) ?? "The backend could not be started. Try again.");
    } catch {
      this.say("The backend could not be started: the server cannot be reached.");
    } finally {
      this.asking = false;
      this.draw();
    }
  }

  private async beat(): Promise<void> {
    const { status, body } = await this.session.post("backend/beat", {}).catch(() => ({ status: 0, body: {} }));
    if (status === 200) this.take(body as unknown as Kept);
    if (this.kept?.state === "asked") setTimeout(() => void this.beat(), 800);
  }

  private async end(): Promise<void> {
    const { status, body } = await this.session.post("backend/end", {}).catch(() => ({ status: 0, body: {} }));
    if (status === 200) this.take(body as unknown as Kept);
  }

  /** The page goes: so does the backend. */
  private leave(): void {
    if (this.kept && this.kept.state !== "ended")
      navigator.sendBeacon(`${this.session.base}backend/end`, new Blob([JSON.stringify({ csrf: csrfToken() })], { type: "application/json" }));
  }

  private async send(): Promise<void> {
    if (this.kept?.state !== "ready" || this.asking) return this.say(this.kept?.state === "asked" ? "The backend is still starting." : "Keep the backend running first.");
    const headers: Record<string, string> = {};
    for (const line of byId<HTMLTextAreaElement>("composer-headers").value.split("\n").filter((one) => one.trim())) {
      const colon = line.indexOf(":");
      if (colon < 1) return this.say(`“${line.slice(0, 60)}” is no header: write Name: value.`);
      headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
    }
    const what = { method: byId<HTMLSelectElement>("composer-method").value, path: byId<HTMLInputElement>("composer-path").value.trim(), headers, body: byId<HTMLTextAreaElement>("composer-body").value };
    this.asking = true;
    this.draw();
    this.say("Sending…");
    try {
      const { status, body } = await this.session.post("backend/requests", what);
      if (status === 200) {
        const exchange = body.exchange as Exchange;
        this.log.record("request.sent", { exchange: exchange.id });
        this.show(exchange);
      } else this.say(sentence(body) ?? "The request could not be sent.");
    } catch {
      this.say("The request could not be sent: the server cannot be reached.");
    } finally {
      this.asking = false;
      this.draw();
      void this.beat();
    }
  }

  private show(exchange: Exchange): void {
    const pre = (label: string, text: string): HTMLElement => h("pre", { tabindex: "0", "aria-label": label }, text);
    const lines = exchange.log.map(({ before, label, path, line, after }) => h("div", {}, before, path ? h("a", { href: "#", "data-path": path, "data-line": String(line) }, label) : label, after));
    byId("composer-answer").replaceChildren(
      h(
        "div",
        { class: "http" },
        h("div", { class: "tabs" }, h("span", { class: "label" }, "Response, as received"), h("span", { class: "push label num" }, `${(exchange.seconds * 1000).toFixed(0)} ms`), exchange.curl && h("button", { type: "button", class: "icon wa-plain", "data-copy": exchange.curl, "aria-label": "Copy as curl" }, icon("copy", "i-s"))),
        pre("Response as received", exchange.response),
      ),
      h("div", {}, h("div", { class: "label" }, "Server log of this moment"), h("div", { class: "loglines" }, ...(lines.length ? lines : [h("div", { class: "quiet" }, "The server printed nothing.")]))),
    );
    byId("announce").textContent = exchange.response.split("\n")[0] ?? "";
  }

  private take(kept: Kept): void {
    this.kept = kept;
    if (kept.log && kept.state !== "ended") this.liveLog.whole("Kept running", kept.log);
    if (kept.state === "ended") clearInterval(this.beating);
    this.draw();
  }

  private say(words: string): void {
    byId("composer-answer").replaceChildren(h("p", { class: "small quiet", role: "status" }, words));
  }

  private draw(words?: string): void {
    const kept = this.kept;
    const left = kept ? `${Math.floor(kept.seconds_left / 60)}:${String(kept.seconds_left % 60).padStart(2, "0")}` : "";
    const looks = { asked: "o-unstable", ready: "o-passed", ended: "o-unreached" };
    const said = words ?? (kept === null ? "The backend does not run." : { asked: "Starting…", ready: `Running, with your files as they were at ${this.startedAt}; ${left} left`, ended: `Ended. ${kept.ended_because}` }[kept.state]);
    byId("held-state").replaceChildren(h("span", { class: `out ${kept ? looks[kept.state] : "o-unreached"}` }, h("span", { class: kept?.state === "ready" ? "dot pulse" : "dot" }), said));
    const open = kept !== null && kept.state !== "ended";
    byId("held-start").textContent = open ? "Start again with my edits" : "Keep this backend running";
    byId<HTMLButtonElement>("held-start").disabled = this.asking;
    byId("held-end").hidden = !open;
    byId<HTMLButtonElement>("composer-send").disabled = this.asking;
  }
}

function sentence(body: Record<string, unknown> | undefined): string | null {
  return typeof body?.sentence === "string" ? body.sentence : null;
}
