/** What is saved, always in view: the words in the status bar, and a banner where something must not be missed. */
import { counted, h, icon } from "./dom";
import type { SaveState } from "./uploader";

export interface Figures {
  state: SaveState;
  accepted: number;
  confirmedAt: number | null;
  unsent: number;
  unsentEdits: number;
  journalFailed: boolean;
}

export class Saving {
  private face = "";
  private bannerFace = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly banner: HTMLElement,
    private readonly figures: () => Figures,
    private readonly on: { tryNow(): void; takeOver(): void },
    private readonly links: { signIn: string; result: string },
  ) {
    setInterval(() => this.draw(), 500);
  }

  draw(): void {
    const now = this.figures();
    this.drawStatus(now);
    this.drawBanner(now);
  }

  private drawStatus(now: Figures): void {
    const { look, sign, words, more } = status(now);
    const face = [look, sign, words, more].join("|");
    if (face === this.face) return;
    this.face = face;
    this.place.replaceChildren(h("span", { class: `out ${look}` }, icon(sign), words), " ", h("span", { class: "quiet" }, more));
  }

  private drawBanner(now: Figures): void {
    const { state } = now;
    const are = `${counted(now.unsentEdits, "edit")} ${now.unsentEdits === 1 ? "is" : "are"}`;
    const kept = now.journalFailed ? `${are} in this page only, which must stay open,` : `${are} kept in this browser`;
    let face = "";
    let draw: (() => HTMLElement) | null = null;
    if (state.is === "offline" && Date.now() - state.since > 2000) {
      const gone = `No connection for ${duration((Date.now() - state.since) / 1000)}. Keep working:`;
      face = gone + kept;
      draw = () =>
        note("unstable", "offline", gone, ` ${kept} and go out when the connection is back. Runs wait until then.`, button("Try now", this.on.tryNow));
    } else if (state.is === "signed_out") {
      face = state.is + kept;
      draw = () =>
        note(
          "unstable", "key", "You are signed out.", ` ${kept}. Sign in again in another tab, then come back here.`,
          h("a", { class: "wa-button wa-outlined s push", href: this.links.signIn, target: "_blank", rel: "noopener" }, "Sign in"),
          button("Try now", this.on.tryNow, ""),
        );
    } else if (state.is === "stopped") {
      face = state.why + state.sentence + kept;
      draw = () => this.stopped(state.why, state.sentence, now.unsentEdits > 0 ? ` ${kept}.` : "");
    } else if (now.journalFailed) {
      face = "journal";
      draw = () => note("unstable", "alert", "This browser keeps no copy of your edits.", " They are saved on the server as you type; do not close this page while it says “Saving…”.");
    }
    if (face === this.bannerFace) return;
    this.bannerFace = face;
    this.banner.hidden = draw === null;
    this.banner.replaceChildren(...(draw ? [draw()] : []));
  }

  private stopped(why: "fenced" | "closed" | "broken" | "refused", sentence: string, kept: string): HTMLElement {
    switch (why) {
      case "fenced":
        return note("unstable", "alert", "Another page holds this session.", ` Here nothing can be changed any more.${kept}`, button("Take over here", this.on.takeOver));
      case "closed":
        return note("", "info", sentence, ` The files can be read but not changed.${kept}`, h("a", { class: "wa-button wa-outlined s push", href: this.links.result }, "Show the result"));
      default:
        return note("failed", "alert", "The record could not be continued.", ` ${sentence}${kept} Nothing can be changed here until this is looked at; please tell the researcher.`);
    }
  }
}

function status(now: Figures): { look: string; sign: string; words: string; more: string } {
  const { state } = now;
  const kept = `${counted(now.unsentEdits, "edit")} ${now.journalFailed ? "in this page only" : "kept in this browser"}`;
  switch (state.is) {
    case "saving":
      return now.confirmedAt !== null && now.unsent < 200
        ? { look: "", sign: "saved", words: "Saving…", more: counted(now.accepted, "event") }
        : { look: "", sign: "saved", words: "Saving…", more: `${counted(now.unsent, "event")} to send` };
    case "offline":
      return { look: "o-unstable", sign: "offline", words: `Offline: ${kept}`, more: `next try in ${Math.max(0, Math.ceil((state.nextTry - Date.now()) / 1000))} s` };
    case "signed_out":
      return { look: "o-unstable", sign: "offline", words: `Signed out: ${kept}`, more: "" };
    case "stopped":
      return state.why === "fenced"
        ? { look: "o-unstable", sign: "alert", words: "Another page holds this session", more: now.unsentEdits ? kept : "" }
        : state.why === "closed"
          ? { look: "", sign: "saved", words: "Session closed", more: counted(now.accepted, "event") }
          : { look: "o-failed", sign: "alert", words: "Not saved", more: kept };
    default:
      return now.confirmedAt === null
        ? { look: "", sign: "saved", words: now.accepted ? "All edits saved" : "Nothing to save", more: now.accepted ? counted(now.accepted, "event") : "" }
        : { look: "o-passed", sign: "saved", words: "All edits saved", more: `${counted(now.accepted, "event")}, last ${ago(now.confirmedAt)} ago` };
  }
}

function note(look: string, sign: string, strong: string, words: string, ...actions: HTMLElement[]): HTMLElement {
  return h("div", { class: `note ${look}` }, icon(sign), h("span", {}, h("b", {}, strong), words), ...actions);
}

function button(label: string, click: () => void, place = "push"): HTMLElement {
  return h("button", { type: "button", class: `wa-outlined s ${place}`, click }, label);
}

function ago(then: number): string {
  const seconds = (Date.now() - then) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
