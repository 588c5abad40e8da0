/** The contract in the task panel: fetched when the panel is first shown, unfolded by operation, searched by words. */
import { byId, fragment, h } from "./dom";
import type { Session } from "./session";
import type { SessionLog } from "./session_log";

export class ContractReader {
  private fetched = false;
  private recorded = false;

  constructor(
    private readonly session: Session,
    private readonly log: SessionLog,
  ) {
    byId("side-tabs").addEventListener("wa-tab-show", (event) => {
      if ((event as CustomEvent<{ name: string }>).detail.name === "task") void this.fetch();
    });
    byId("contract-filter").addEventListener("input", (event) => this.filter((event.target as HTMLInputElement).value));
    byId("contract").addEventListener("toggle", () => this.read(), true);
  }

  private async fetch(): Promise<void> {
    if (this.fetched) return;
    this.fetched = true;
    try {
      byId("contract").replaceChildren(fragment(await this.session.contract()));
    } catch {
      this.fetched = false;
      byId("contract").replaceChildren(
        h("p", { class: "xs" }, "The contract could not be fetched."),
        h("button", { type: "button", class: "wa-outlined s", click: () => void this.fetch() }, "Fetch the contract again"),
      );
    }
  }

  private read(): void {
    if (!this.recorded) this.log.record("contract.opened", {});
    this.recorded = true;
  }

  /** Operations, clauses and sentences with all of these words; nothing typed shows all of them folded. */
  private filter(typed: string): void {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (element: Element): boolean => words.every((word) => element.textContent!.toLowerCase().includes(word));
    let found = 0;
    for (const operation of byId("contract").querySelectorAll<HTMLDetailsElement>("details.operation")) {
      const named = has(operation.querySelector("summary")!);
      let within = 0;
      for (const clause of operation.querySelectorAll<HTMLElement>(".clause")) {
        clause.hidden = !named && !has(clause);
        within += Number(!clause.hidden);
      }
      operation.hidden = words.length > 0 && !named && !within;
      operation.open = words.length > 0 && !named && within > 0;
      found += Number(!operation.hidden);
    }
    const place = byId("contract");
    place.querySelector(".none")?.remove();
    if (!found && this.fetched) place.append(h("p", { class: "xs quiet none" }, place.dataset.empty ?? ""));
  }
}
