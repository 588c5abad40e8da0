/**
 * Faults in combination, simulated: the real journal, recorder, uploader and taking up against a server and browsers in
 * which everything fails: hundreds of schedules in the time of one in a real browser. `AMEND_SIMULATED=100-5000` runs others.
 */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { LogEvent } from "../../../annotations/editor/src/events";
import { Machine, Page, passing, settled, type Trouble } from "./simulated/machine";
import { type Batch, Server } from "./simulated/server";

const [FIRST = 1, LAST = FIRST] = (process.env.AMEND_SIMULATED ?? "1-40").split("-").map(Number);
const ACTS = 25;
const TROUBLES: Trouble[] = ["answer lost", "never arrives", "500", "twice", "late copy", "later half first", "held up"];

test(`nothing is lost, doubled or wrongly said whatever goes wrong together (${FIRST} to ${LAST})`, async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  for (let seed = FIRST; seed <= LAST; seed++) {
    const world = new World(seed);
    const untrue = await world.run().catch((error: unknown) => [String((error as Error).stack)]);
    assert.deepEqual(untrue, [], `AMEND_SIMULATED=${seed}\n${world.told.join("\n")}`);
  }
  mock.timers.reset();
});

class World {
  readonly told: string[] = [];
  private readonly untrue: string[] = [];
  private readonly stragglers: Batch[] = [];
  private readonly server: Server;
  private readonly machines: [Machine, Machine];
  private readonly excused = new Set<string>();
  private readonly random: () => number;
  private pages = 0;
  private words = 0;

  constructor(seed: number) {
    this.server = new Server(seed);
    this.machines = [new Machine("laptop", this.server, this.stragglers), new Machine("desktop", this.server, this.stragglers)];
    this.random = randomFrom(seed);
  }

  async run(): Promise<string[]> {
    await this.open(this.machines[0]);
    for (let act = 0; act < ACTS; act++) {
      await this.act();
      await settled();
      await this.look();
    }
    await this.heal();
    return this.judge();
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)]!;
  }

  private async act(): Promise<void> {
    const page = this.pick(this.machines.flatMap((machine) => machine.alive()).concat([]));
    const machine = page?.machine ?? this.pick(this.machines);
    const acts: [number, string, () => unknown][] = [
      [10, "type", () => this.type(page)],
      [6, "time", () => passing(this.pick([300, 1200, 5000, 40_000]))],
      [8, "trouble", () => page?.troubles.push(...Array.from({ length: this.pick([1, 1, 2, 3]) }, () => this.pick(TROUBLES)))],
      [3, "offline", () => (machine.offline = !machine.offline)],
      [2, "signed out", () => (machine.signedOut = !machine.signedOut)],
      [4, "storage", () => (machine.storage = this.pick(["works", "works", "full", "hangs", "refused"]))],
      [2, "try now", () => page?.log?.tryNow()],
      [2, "hidden", () => page?.log?.beacon()],
      [2, "beacons", () => page && (page.beacons = this.pick(["sent", "late", "lost", "refused"] as const))],
      [3, "kill", () => this.kill(page)],
      [3, "reload", () => this.reload(page, machine)],
      [2, "killed while it opens", () => this.open(machine, Math.floor(this.random() * 5))],
      [3, "second page", () => this.open(machine)],
      [3, "other machine", () => this.open(this.machines.find((other) => other !== machine)!)],
      [3, "straggler", () => this.deliver()],
      [1, "crash before anything settles", () => (this.type(page), page && this.end(page))],
    ];
    let left = this.random() * acts.reduce((sum, [weight]) => sum + weight, 0);
    const [, name, doIt] = acts.find(([weight]) => (left -= weight) < 0)!;
    this.told.push(`${name} at ${page?.client ?? machine.name}`);
    await doIt();
  }

  private type(page: Page | undefined): void {
    for (let count = this.pick([1, 1, 3]); page && count; count--) page.type(`words ${++this.words}`);
  }

  private async open(machine: Machine, diesAfter?: number): Promise<void> {
    const page = new Page(machine, `${machine.name}-${++this.pages}`);
    const opened = await page.open(diesAfter);
    this.told.push(`  ${page.client} ${opened ? "opens" : "does not open"}`);
  }

  private async reload(page: Page | undefined, machine: Machine): Promise<void> {
    if (page) {
      page.log?.beacon();
      await this.kill(page);
    }
    await this.open(machine);
  }

  private async kill(page: Page | undefined): Promise<void> {
    await settled();
    if (page) this.end(page);
  }

  /** A page is gone. What it said it could not keep, or had not had a moment to write down, is excused. */
  private end(page: Page): void {
    const figures = page.log?.figures();
    const settling = this.told.at(-1)?.startsWith("crash");
    if (page.log && figures && (figures.journalFailed || settling || page.machine.hanging))
      for (const words of page.typed) if (!this.server.log.some((event) => event.kind === "edit" && event.path === words)) this.excused.add(words);
    page.dead = true;
  }

  private deliver(): void {
    const batch = this.stragglers.splice(Math.floor(this.random() * this.stragglers.length), 1)[0];
    if (batch) this.server.append(batch);
  }

  /** Whether each page tells the truth now. */
  private async look(): Promise<void> {
    for (const machine of this.machines) {
      const rows = await (await machine.journal()).unconfirmed();
      const held = new Set([...rows.values()].flat().map(identity));
      for (const page of machine.alive()) {
        if (!page.log) continue;
        const { state, accepted, unsentEdits, journalFailed } = page.log.figures();
        const say = (words: string): unknown => this.untrue.push(`${page.client} after ${this.told.length} acts: ${words}`);
        if (state.is === "saved" && page.log.recorded !== accepted) say(`saved, but ${accepted} of ${page.log.recorded}`);
        if (state.is === "stopped" && state.why !== "fenced") say(`stopped as ${state.why}: ${state.sentence}`);
        const lacking = page.unsaved().filter((event) => !held.has(identity(event)) && !this.server.log.some((one) => identity(one) === identity(event)));
        if (unsentEdits && !journalFailed && !machine.hanging && lacking.length && !(await this.aside(machine)).some((event) => identity(event) === identity(lacking[0]!)))
          say(`keeps ${unsentEdits} edits, but its storage lacks ${lacking.map(({ seq }) => seq).join()}`);
      }
    }
  }

  private async aside(machine: Machine): Promise<LogEvent[]> {
    return (await (await machine.journal()).stranded()).flatMap(({ events }) => events);
  }

  private async heal(): Promise<void> {
    this.told.push("everything works again");
    while (this.stragglers.length) this.deliver();
    for (const machine of this.machines) [machine.offline, machine.signedOut, machine.storage] = [false, false, "works"];
    for (const page of this.machines.flatMap((machine) => machine.alive())) page.troubles = [];
    await passing(45_000);
    await this.look();
    for (const machine of this.machines) {
      for (const page of machine.alive()) {
        page.log?.tryNow();
        await this.kill(page);
      }
      await this.open(machine);
      await passing(5000);
      await this.look();
    }
    await passing(5000);
  }

  private async judge(): Promise<string[]> {
    const { untrue } = this;
    const log = this.server.log;
    const aside = (await Promise.all([await this.aside(this.machines[0]), await this.aside(this.machines[1])])).flat();
    if (log.some((event, index) => event.seq !== index + 1)) untrue.push("numbers have gaps");
    const logged = log.flatMap((event) => (event.kind === "edit" ? [event.path] : []));
    if (new Set(logged).size !== logged.length) untrue.push("recorded twice");
    const kept = new Set(aside.flatMap((event) => (event.kind === "edit" ? [event.path] : [])));
    for (const words of this.machines.flatMap((machine) => machine.pages.flatMap((page) => page.typed)))
      if (!logged.includes(words) && !kept.has(words) && !this.excused.has(words)) untrue.push(`${words} is neither in the log nor set aside`);
    const recorded = log.reduce((sum, event) => sum + (event.kind === "stranded" ? event.entries : 0), 0);
    if (recorded !== aside.length) untrue.push(`${aside.length} are set aside, the log says ${recorded}`);
    const all = new Set(log.map(identity));
    for (const event of aside) if (all.has(identity(event))) untrue.push(`${event.seq} is set aside although the log has it`);
    return untrue;
  }
}

function identity({ page, seq }: LogEvent): string {
  return `${page} ${seq}`;
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
