/** Asking for checks, watching them run, and the panel with what came out. */
import { byId, fragment, h } from "./dom";
import type { Mark } from "./marks";
import { lookOf } from "./run_progress";

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
      const cause = target.closest("summary")?.parentElement;
      if (cause instanceof HTMLDetailsElement && cause.matches("details.cause") && !cause.open) unfoldTheOnlyCheck(cause);
      if (target.closest("[data-run-again]")) this.on.runAgain();
      if (target.closest("[data-close-partial]")) byId("partial-place").replaceChildren();
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

  /** Put a freshly rendered panel in place; the reader keeps theirs: what is unfolded, the tab, the line at the top. */
  replace(html: string): void {
    const fresh = fragment(html).querySelector<HTMLElement>("#run-panel");
    if (!fresh) return;
    const before = this.element;
    const after = document.adoptNode(fresh);
    const sameRun = before.dataset.run === after.dataset.run && before.hasAttribute("data-results");
    keepUnfolded(before, after, sameRun);
    keepTab(before, after);
    const anchors = anchorsOf(before);
    const focused = keyOf(document.activeElement?.closest("#run-panel summary")?.parentElement);
    before.replaceWith(after);
    if (sameRun) {
      const pressed = before.querySelector<HTMLElement>(".delta button[aria-pressed=true]");
      const again = pressed && after.querySelector<HTMLElement>(`.delta button[data-show=${pressed.dataset.show!}]`);
      if (again) this.filter(again);
    }
    returnTo(after, anchors);
    if (focused) byKey(after, focused)?.querySelector("summary")?.focus({ preventScroll: true });
    this.fillDock();
  }

  /** Where a run that goes on is told of: below the tabs, in place of the head of the verdict. */
  placeOfLive(): HTMLElement {
    const place = h("div", { id: "run-live", class: "runhead" });
    const tabs = this.element.querySelector(":scope > .tabs");
    if (tabs) tabs.after(place);
    else this.element.prepend(place);
    return place;
  }

  /** Put what a partial run found above the panel; whether this is such a fragment. */
  showPartial(html: string): boolean {
    const fresh = fragment(html).querySelector<HTMLElement>("#run-partial");
    if (!fresh) return false;
    const place = byId("partial-place");
    place.replaceChildren(document.adoptNode(fresh));
    const first = place.querySelector<HTMLDetailsElement>("details[data-check][data-outcome=failed]");
    if (first) first.open = true;
    return true;
  }

  /** The run whose verdict is shown, if only the one before its restart. */
  get judgedRun(): number | null {
    return this.element.hasAttribute("data-results") ? Number(this.element.dataset.run) : null;
  }

  /** The checks that are red in the verdict shown: what the next run judges first. */
  reds(): Map<string, string> {
    const checks = this.element.querySelectorAll<HTMLElement>("details[data-check][data-outcome=failed]");
    return new Map([...checks].map((check) => [check.dataset.check!, titleOf(check)]));
  }

  /** Say at each red check what became of it in the run that goes on, and at its cause how many are green. */
  answer(answered: Record<string, string>): void {
    for (const [id, outcome] of Object.entries(answered)) {
      const check = this.element.querySelector<HTMLElement>(`details[data-check="${CSS.escape(id)}"]`);
      if (!check || check.dataset.now === outcome) continue;
      check.dataset.now = outcome;
      check.querySelector("summary > .out")?.replaceWith(lookOf(outcome));
    }
    for (const cause of this.element.querySelectorAll<HTMLElement>("details.cause")) {
      const checks = [...cause.querySelectorAll<HTMLElement>("details[data-check]")];
      const green = checks.filter((check) => check.dataset.now === "passed").length;
      const open = checks.filter((check) => !check.dataset.now).length;
      const chip = cause.querySelector(":scope > summary > .chip");
      if (!chip || (!green && open)) continue;
      chip.className = `push chip ${green === checks.length ? "passed" : green ? "unstable" : "failed"}`;
      chip.textContent = green ? `${green} of ${checks.length} green` : `${checks.length} still red`;
    }
  }

  /** What a partial run found is no verdict: the marks of the verdict are as they were. */
  forgetAnswers(): void {
    for (const check of this.element.querySelectorAll<HTMLElement>("details[data-check][data-now]")) {
      delete check.dataset.now;
      check.querySelector("summary > .out")?.replaceWith(lookOf(check.dataset.outcome ?? "failed"));
    }
    for (const cause of this.element.querySelectorAll<HTMLElement>("details.cause")) {
      const chip = cause.querySelector(":scope > summary > .chip");
      if (!chip) continue;
      chip.className = "push chip failed";
      chip.textContent = cause.dataset.count ?? "";
    }
  }

  /** How many checks are still to come after the restart. */
  toCome(count: number): void {
    const place = this.element.querySelector(".restarting b");
    if (place) place.textContent = String(count);
  }

  /** The log and the findings of the run move into the console. */
  fillDock(): void {
    byId("dock-run").textContent = this.element.querySelector(".verdict-head h2")?.textContent ?? "";
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
    bringUp(next);
    // The button leads to where it failed; the first link of a traceback only to where it began.
    const link = next.querySelector<HTMLElement>("button[data-path][data-line]") ?? next.querySelector<HTMLElement>("[data-path][data-line]") ?? (group?.dataset.path ? group : null);
    if (link) this.on.goTo(placeOf(link));
  }

  /** The failing checks by name, for finding them by typing. */
  checks(): { id: string; name: string; open(): void }[] {
    return [...this.element.querySelectorAll<HTMLDetailsElement>("details[data-check]")].map((check) => ({
      id: check.dataset.check!,
      name: titleOf(check),
      open: () => {
        for (let up: HTMLElement | null = check; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true;
        bringUp(check);
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

/** Whoever unfolds a cause of one check wants to read that check. */
function unfoldTheOnlyCheck(cause: HTMLDetailsElement): void {
  const checks = cause.querySelectorAll<HTMLDetailsElement>("details[data-check]");
  if (checks.length === 1) checks[0]!.open = true;
}

function titleOf(check: HTMLElement): string {
  return check.querySelector("summary > span:not(.out, .push)")?.textContent?.replace(/\s+/g, " ").trim() ?? check.dataset.check!;
}

const FOLDS = "details[data-group], details[data-check]";

function keyOf(element: Element | null | undefined): string | undefined {
  return element instanceof HTMLElement ? (element.dataset.check ?? element.dataset.group) : undefined;
}

function byKey(panel: HTMLElement, key: string): HTMLElement | undefined {
  return [...panel.querySelectorAll<HTMLElement>(FOLDS)].find((fold) => keyOf(fold) === key);
}

/** Of the same run everything stays as it is; of another one what was unfolded is unfolded again. */
function keepUnfolded(before: HTMLElement, after: HTMLElement, sameRun: boolean): void {
  const was = new Map([...before.querySelectorAll<HTMLDetailsElement>(FOLDS)].map((fold) => [keyOf(fold), fold]));
  for (const fold of after.querySelectorAll<HTMLDetailsElement>(FOLDS)) {
    const earlier = was.get(keyOf(fold));
    if (!earlier) continue;
    fold.open = sameRun ? earlier.open : fold.open || earlier.open;
    fold.toggleAttribute("data-current", earlier.hasAttribute("data-current"));
  }
}

function keepTab(before: HTMLElement, after: HTMLElement): void {
  const shown = [...before.querySelectorAll<HTMLElement>("[data-panel]")].find((panel) => !panel.hidden)?.dataset.panel;
  const panels = [...after.querySelectorAll<HTMLElement>("[data-panel]")];
  if (!shown || !panels.some((panel) => panel.dataset.panel === shown)) return;
  after.querySelector("wa-tab-group")?.setAttribute("active", shown);
  for (const panel of panels) panel.hidden = panel.dataset.panel !== shown;
}

interface Anchor {
  key: string;
  below: number;
}

/** The lines that can be seen in the list of causes, and how far below the list's top each is; none where it is at its top. */
function anchorsOf(panel: HTMLElement): Anchor[] {
  const list = panel.querySelector<HTMLElement>("[data-scroll]");
  if (!list || list.scrollTop === 0) return [];
  const top = list.getBoundingClientRect().top;
  return [...list.querySelectorAll<HTMLElement>(FOLDS)]
    .map((fold) => ({ key: keyOf(fold)!, below: fold.getBoundingClientRect().top - top, height: fold.querySelector("summary")!.offsetHeight }))
    .filter(({ below, height }) => height > 0 && below + height > 0);
}

/** Put the first of these lines that is still there where it was. */
function returnTo(panel: HTMLElement, anchors: Anchor[]): void {
  const list = panel.querySelector<HTMLElement>("[data-scroll]");
  for (const { key, below } of list ? anchors : []) {
    const line = byKey(panel, key);
    if (!line) continue;
    list!.scrollTop += line.getBoundingClientRect().top - list!.getBoundingClientRect().top - below;
    return;
  }
}

/** To the top of its list, and of that alone: scrolling into view would move the panes around it, too. */
function bringUp(line: HTMLElement): void {
  const list = line.closest<HTMLElement>("[data-scroll], #partial-place");
  if (list) list.scrollTop += line.getBoundingClientRect().top - list.getBoundingClientRect().top;
}

function placeOf(element: HTMLElement): Place {
  return { path: element.dataset.path!, line: Number(element.dataset.line ?? 1) || 1 };
}

function failuresIn(group: HTMLElement): number {
  return Number(group.dataset.count ?? 0) || group.querySelectorAll("details[data-check], .check").length || 1;
}
