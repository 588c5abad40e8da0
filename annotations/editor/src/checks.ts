/** Asking for checks, watching them run, and the panel with what came out. */
import { bar, byId, fragment, h, icon } from "./dom";
import type { Mark } from "./marks";
import type { RunState } from "./session";

export interface Place {
  path: string;
  line: number;
}

/** The panel is server-rendered; this reads from it what the rest of the page shows. */
export class Panel {
  constructor(private readonly on: { goTo(place: Place): void; checkOpened(check: string): void; runAgain(): void; finding(place: Place): void }) {
    document.addEventListener("click", (event) => {
      const target = event.target as Element;
      const link = target.closest<HTMLElement>("[data-path]:is(a, button)");
      if (link && !link.closest("#compare")) {
        event.preventDefault();
        this.on.finding(placeOf(link));
      }
      if (target.closest("[data-run-again]")) this.on.runAgain();
      const filter = target.closest<HTMLElement>(".delta button[data-show]");
      if (filter) this.filter(filter);
    });
    // `toggle` does not bubble.
    document.addEventListener("toggle", (event) => {
      const details = event.target;
      if (details instanceof HTMLDetailsElement && details.open && details.dataset.check) this.on.checkOpened(details.dataset.check);
    }, true);
  }

  get element(): HTMLElement {
    return byId("run-panel");
  }

  /** Put a freshly rendered panel in place; groups that were open stay open. */
  replace(html: string): void {
    const open = new Set([...this.element.querySelectorAll<HTMLElement>("details[open][data-group]")].map((group) => group.dataset.group));
    const fresh = fragment(html).querySelector<HTMLElement>("#run-panel");
    if (!fresh) return;
    for (const group of fresh.querySelectorAll<HTMLDetailsElement>("details[data-group]")) if (open.has(group.dataset.group)) group.open = true;
    this.element.replaceWith(document.adoptNode(fresh));
    this.fillDock();
  }

  /** The log and the findings of the run move into the console. */
  fillDock(): void {
    this.move("run-log", "[data-run-log]", byId("dock-log"), "The server's log of the last run appears here.");
    this.move("run-findings", "[data-run-findings]", byId("dock-findings"), "The linters of the last run found nothing.");
    const findings = byId("dock-findings").querySelectorAll("[data-path]").length;
    const count = byId("findings-count");
    count.hidden = findings === 0;
    count.textContent = String(findings);
  }

  /** Failures and findings by file and line. Groups say where their cause is: data-path, data-line. */
  marks(resolve: (path: string) => string | null): Map<string, Mark[]> {
    const byPath = new Map<string, Mark[]>();
    const add = (named: string | undefined, mark: Mark): void => {
      const path = named ? resolve(named) : null;
      if (path && mark.line) byPath.set(path, [...(byPath.get(path) ?? []), mark]);
    };
    for (const group of this.failureGroups()) {
      const checks = failuresIn(group);
      const title = group.querySelector("summary h3")?.textContent?.trim() ?? "failed";
      add(group.dataset.path, { line: Number(group.dataset.line), is: "failure", text: `${checks} ${checks === 1 ? "check" : "checks"}: ${title}` });
    }
    for (const finding of byId("dock-findings").querySelectorAll<HTMLElement>("[data-path][data-line]"))
      add(finding.dataset.path, { line: Number(finding.dataset.line), is: "finding", text: finding.dataset.message ?? finding.title ?? "finding" });
    return byPath;
  }

  /** How many failed checks point into each file. */
  failures(resolve: (path: string) => string | null): Map<string, number> {
    const counts = new Map<string, number>();
    for (const group of this.failureGroups()) {
      const path = group.dataset.path ? resolve(group.dataset.path) : null;
      if (path) counts.set(path, (counts.get(path) ?? 0) + failuresIn(group));
    }
    return counts;
  }

  /** Open the next (or previous) failed check and go to its line. */
  step(direction: 1 | -1): void {
    const checks = [...this.element.querySelectorAll<HTMLDetailsElement>("details[data-check]")].filter((check) => !check.closest(".fold"));
    if (!checks.length) return;
    const current = checks.findIndex((check) => check.hasAttribute("data-current"));
    const next = checks[(current + direction + checks.length) % checks.length] ?? checks[0]!;
    checks[current]?.removeAttribute("data-current");
    next.toggleAttribute("data-current", true);
    const group = next.parentElement?.closest("details");
    if (group) group.open = true;
    next.open = true;
    next.querySelector("summary")?.focus();
    next.scrollIntoView({ block: "start" });
    const link = next.querySelector<HTMLElement>("[data-path][data-line]") ?? (group?.dataset.path ? group : null);
    if (link) this.on.goTo(placeOf(link));
  }

  /** The failing checks by name, for finding them by typing. */
  checks(): { name: string; open(): void }[] {
    return [...this.element.querySelectorAll<HTMLDetailsElement>("details[data-check]")].map((check) => ({
      name: check.querySelector("summary > span:not(.out, .push)")?.textContent?.replace(/\s+/g, " ").trim() ?? check.dataset.check!,
      open: () => {
        for (let up: HTMLElement | null = check; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true;
        check.scrollIntoView({ block: "start" });
        check.querySelector("summary")?.focus();
      },
    }));
  }

  private failureGroups(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("details.group[data-path]:not(.fold)")];
  }

  private filter(pressed: HTMLElement): void {
    const on = pressed.getAttribute("aria-pressed") !== "true";
    for (const button of this.element.querySelectorAll(".delta button")) button.setAttribute("aria-pressed", String(on && button === pressed));
    for (const one of this.element.querySelectorAll<HTMLElement>("[data-change]")) one.hidden = on && one.dataset.change !== pressed.dataset.show;
  }

  private move(templateId: string, selector: string, place: HTMLElement, empty: string): void {
    const template = this.element.querySelector(`template#${templateId}`);
    const element = this.element.querySelector(selector);
    const content = template instanceof HTMLTemplateElement ? template.content : element;
    if (content) place.replaceChildren(content);
    else if (!place.hasChildNodes() || templateId === "run-findings") place.replaceChildren(h("p", { class: "quiet small" }, empty));
    template?.remove();
  }
}

/** The head of the panel while a run is going on. */
export class Live {
  private readonly started = Date.now();

  constructor(private readonly place: HTMLElement) {}

  draw(state: RunState): void {
    // Only the checks are counted; the stages before them say in a sentence what is going on.
    const done = state.stage === "contract" ? (state.done ?? 0) : 0;
    const total = state.stage === "contract" ? (state.total ?? 0) : 0;
    const passed = state.passed ?? 0;
    const failed = state.failed ?? 0;
    const queued = state.state === "queued";
    this.place.hidden = false;
    this.place.replaceChildren(
      h(
        "div",
        { class: "row base" },
        h("h2", { class: "small" }, queued ? "Waiting for its turn" : "Running"),
        h("span", { class: "xs quiet num" }, total ? `${done} of ${total} checks · ` : "", `${((Date.now() - this.started) / 1000).toFixed(1)} s`),
      ),
      total
        ? bar([{ look: "passed", share: passed / total }, { look: "failed", share: failed / total }, { look: "todo", share: 1 - (passed + failed) / total }], 6)
        : h("progress", { "aria-label": "The run is being prepared" }),
      h(
        "div",
        { class: "row xs gap-4" },
        h("span", { class: "out o-passed" }, icon("passed"), h("b", {}, String(passed)), " passed"),
        h("span", { class: "out o-failed" }, icon("failed"), h("b", {}, String(failed)), " failed"),
        total ? h("span", { class: "quiet num push" }, `${Math.max(0, total - done)} to come`) : null,
      ),
      state.sentence ? h("span", { class: "xs quiet" }, state.sentence) : "",
    );
  }

  end(): void {
    this.place.hidden = true;
    this.place.replaceChildren();
  }
}

function placeOf(element: HTMLElement): Place {
  return { path: element.dataset.path!, line: Number(element.dataset.line ?? 1) || 1 };
}

function failuresIn(group: HTMLElement): number {
  return Number(group.dataset.count ?? 0) || group.querySelectorAll("details[data-check], .check").length || 1;
}
