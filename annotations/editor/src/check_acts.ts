/** What can be done with the check one is at: copy it as curl, run only it, dispute it, go to its line, label its cause. */
import type { Panel } from "./checks";
import { ask } from "./dialogs";
import { byId, fragment, isTyping, remembered } from "./dom";
import { type Running, say } from "./running";
import type { Session } from "./session";
import type { SessionLog } from "./session_log";

const LETTERS = "single-letters"; // the choice in the list of keys

export class CheckActs {
  constructor(
    private readonly session: Session,
    private readonly log: SessionLog,
    private readonly panel: Panel,
    private readonly running: Running,
    private readonly compose: (request: string) => void,
  ) {
    document.addEventListener("click", (event) => this.clicked(event.target as Element));
    window.addEventListener("keydown", (event) => this.key(event), { capture: true });
  }

  private clicked(target: Element): void {
    const button = target.closest<HTMLElement>("[data-run-only], [data-dispute], [data-label], [data-copy], [data-compose]");
    if (!button) return;
    if (button.dataset.runOnly) void this.runOnly(button.dataset.runOnly.split(" "));
    else if (button.dataset.dispute) void this.dispute(button);
    else if (button.dataset.label) void this.label(button);
    else if (button.dataset.compose !== undefined) this.compose(button.closest("details")?.querySelector("pre[aria-label='Request as sent']")?.textContent ?? "");
    else if (button.dataset.copy) byId("announce").textContent = "Copied.";
  }

  /** Single letters act on the check that has the focus, else the one F8 went to; they can be switched off (WCAG 2.1.4). */
  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented || isTyping(event)) return;
    if (document.querySelector("dialog[open]") || remembered.get(LETTERS) === "off") return;
    const selector = { c: "[data-copy]", r: "[data-run-only]", d: "[data-dispute]", g: "button[data-path]" }[event.key];
    const check = currentCheck();
    const button =
      event.key === "l"
        ? (document.activeElement?.closest("details.cause") ?? check?.closest("details.cause"))?.querySelector<HTMLElement>("[data-label]")
        : selector && check?.querySelector<HTMLElement>(selector);
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    button.click();
  }

  private runOnly(ids: string[]): Promise<void> {
    const known = this.panel.reds();
    const titles = new Map(this.panel.checks().map(({ id, name }) => [id, name]));
    return this.running.askOnly(new Map(ids.map((id) => [id, known.get(id) ?? titles.get(id) ?? id])));
  }

  private async dispute(button: HTMLElement): Promise<void> {
    const check = button.dataset.dispute!;
    const shown = document.querySelector<HTMLElement>(`[data-dispute-of="${CSS.escape(check)}"]`);
    const before = shown?.dataset.reason ?? "";
    const title = button.closest("details")?.querySelector("summary > span:not(.out, .push)")?.textContent?.trim() ?? check;
    const { choice, values } = await ask({
      title: "Dispute this check",
      words: [`“${title}”`, "Say why the check is wrong: what the contract says, or what it cannot know. The researcher decides; until then the check counts as it is."],
      fields: [{ name: "reason", label: "Why", value: before, long: true, required: true }],
      choices: [
        ...(before ? [{ value: "withdraw", label: "Withdraw my dispute" }] : []),
        { value: "no", label: "Leave it" },
        { value: "yes", label: before ? "Change my reason" : "Dispute check", look: "wa-brand" as const },
      ],
      escape: "no",
    });
    if (choice === "no") return;
    const what = { run: runOf(button), check, reason: choice === "withdraw" ? "" : values.reason, withdrawn: choice === "withdraw" };
    await this.say("disputes", what, `[data-dispute-of="${CSS.escape(check)}"]`, () => this.log.record("check.disputed", { check }));
  }

  private async label(button: HTMLElement): Promise<void> {
    const cause = button.dataset.label!;
    const shown = button.closest<HTMLElement>("[data-label-of]");
    const places = [...byId<HTMLTemplateElement>("taxonomy").content.querySelectorAll("option")];
    const now = shown?.dataset.category ? `${shown.dataset.category}/${shown.dataset.subcategory}` : "";
    const words = places.find((place) => place.value === now)?.text;
    const { choice, values } = await ask({
      title: "Root cause",
      words: [`“${button.closest("details.cause")?.querySelector("h3")?.textContent?.trim() ?? cause}”`],
      fields: [
        { name: "place", label: "What is behind these failures", options: places.map((place) => place.text), ...(words ? { value: words } : {}) },
        { name: "detail", label: "In your words (may stay empty)", value: shown?.dataset.detail ?? "", long: true },
      ],
      choices: [
        ...(now ? [{ value: "back", label: "Take the label back" }] : []),
        { value: "no", label: "Leave it" },
        { value: "yes", label: "Label", look: "wa-brand" as const },
      ],
      escape: "no",
    });
    if (choice === "no") return;
    const [category = "", subcategory = ""] = choice === "back" ? [] : (places.find((place) => place.text === values.place)?.value ?? "").split("/");
    const what = { run: runOf(button), cause, category, subcategory, detail: values.detail ?? "" };
    await this.say("labels", what, `[data-label-of="${CSS.escape(cause)}"]`, () => this.log.record("cause.labelled", { cause }));
  }

  /** Send a judgement; what stands then takes the place of what stood. */
  private async say(verb: string, what: object, selector: string, said: () => void): Promise<void> {
    try {
      const html = await this.session.postForFragment(verb, what);
      for (const place of document.querySelectorAll(selector)) place.replaceWith(...fragment(html).children);
      said();
    } catch (error) {
      say(error instanceof Error && !(error instanceof TypeError) ? error.message : "That could not be saved: the server cannot be reached. Try again when the connection is back.");
    }
  }
}

function currentCheck(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("details[data-check]") ?? document.querySelector<HTMLElement>("details[data-check][data-current]");
}

function runOf(button: HTMLElement): number {
  return Number(button.closest<HTMLElement>("[data-run]")?.dataset.run);
}
