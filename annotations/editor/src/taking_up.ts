/**
 * Taking a session up: who holds it now, may this page have it, and which of this browser's unconfirmed entries go on.
 *
 * Every page load is a client of its own, so that every take-over raises the token and nothing of an earlier page can
 * land afterwards. Entries of an earlier page go on only where that page was the last holder: then nobody wrote between.
 * A page that was given the session and ended before it had taken it up wrote nothing: it counts as the page before it.
 */
import type { LogEvent } from "./events";
import type { Journal } from "./journal";
import type { Session, SessionState } from "./session";

export interface TakenUp {
  state: SessionState;
  /** Entries of an earlier page load of this browser that follow `state.accepted`. */
  kept: LogEvent[];
  /** Whether the journal holds them under this page's name. */
  journalled: boolean;
  /** How many entries cannot follow any more and were set aside, which the log does not say yet. */
  stranded: number;
  /** Client id of a page that held the session and was fenced off by this one; null where nobody did. */
  tookOverFrom: string | null;
}

export interface Asking {
  /** Another page holds the session; true to take it over. */
  mayTakeOver(since: string | undefined): Promise<boolean>;
  /** Ask a page of this browser to finish its work first. */
  politely(): Promise<void>;
  /** Whether another live page of this browser has the session. */
  aliveElsewhere: boolean;
  takeOverAtOnce: boolean;
}

/** The session is now this page's; null where it is closed or the person leaves it to the other page. */
export async function takeUp(session: Session, journal: Journal | null, asking: Asking): Promise<TakenUp | null> {
  let before = await session.state();
  if (before.closed) return null;
  const mine = (await journal?.unconfirmed()) ?? new Map<string, LogEvent[]>();
  let begun = takingUpOf(before);
  const ours = !asking.aliveElsewhere && (begun !== null || rememberedClient(before.session) === before.client);
  rememberTakingUp(session.client, before, begun);
  let lease = await session.lease(ours || asking.takeOverAtOnce);
  let tookOver = asking.takeOverAtOnce && before.client !== "";
  if ("error" in lease && lease.error === "held") {
    if (!(await asking.mayTakeOver(lease.since))) return null;
    tookOver = true;
    if (asking.aliveElsewhere) await asking.politely();
    const now = await session.state();
    if (now.client !== before.client || now.token !== before.token) begun = null;
    before = now;
    rememberTakingUp(session.client, before, begun);
    lease = await session.lease(true);
  }
  if ("error" in lease) throw new Error(lease.sentence ?? "The session cannot be taken up.");
  const nobodyBetween = lease.token === before.token + 1 || lease.token === before.token;
  const state = lease.accepted === before.accepted ? before : await session.state();
  if (asking.aliveElsewhere) for (const [client, events] of (await journal?.unconfirmed()) ?? mine) mine.set(client, events);
  const wroteLast = begun && !mine.has(before.client) ? begun.after : before.client;
  const sorted = await sortOut(journal, mine, nobodyBetween ? wroteLast : "", session, state.accepted);
  remember(clientKey(before.session), session.client);
  remember(takingUpKey(before.session), "null"); // from here on this page writes
  return { state, ...sorted, tookOverFrom: tookOver ? before.client : null };
}

async function sortOut(
  journal: Journal | null,
  mine: Map<string, LogEvent[]>,
  previous: string,
  session: Session,
  accepted: number,
): Promise<Pick<TakenUp, "kept" | "journalled" | "stranded">> {
  let kept: LogEvent[] = [];
  let journalled = true;
  const after = (mine.get(previous) ?? []).filter((event) => event.seq > accepted);
  if (mine.has(previous) && follows(after, accepted)) {
    kept = after;
    // A full disk does not keep anybody from working: the entries stay under the earlier name until it takes them.
    journalled = (await journal?.adopt(previous, session.client, kept).then(() => true, () => false)) ?? true;
  }
  for (const [writer, events] of mine) {
    if (writer === previous && follows(after, accepted)) continue;
    const { unknownToTheLog } = await import("./stranded");
    const lost = (await unknownToTheLog(session, events, accepted)).filter((event) => !kept.some((one) => same(one, event)));
    await journal?.strand(writer, lost).catch(() => undefined); // then they are where they were, for the next page
  }
  const aside = (await journal?.stranded().catch(() => [])) ?? [];
  return { kept, journalled, stranded: aside.reduce((sum, { recorded, events }) => sum + (recorded ? 0 : events.length), 0) };
}

function same(one: LogEvent, other: LogEvent): boolean {
  return one.page === other.page && one.seq === other.seq;
}

/** Whether the entries are numbered on from `accepted` without a gap. */
export function follows(events: LogEvent[], accepted: number): boolean {
  return events.every((event, index) => event.seq === accepted + 1 + index);
}

interface TakingUp {
  client: string;
  /** The token it is given if nobody comes between, and who held the session before. */
  token: number;
  after: string;
}

const clientKey = (session: number): string => `amend.session.${session}.client`;
const takingUpKey = (session: number): string => `amend.session.${session}.taking-up`;

/** What this browser was about to do when it was given the session that `state` tells of; null where that was another. */
function takingUpOf(state: SessionState): TakingUp | null {
  const found = JSON.parse(remembered(takingUpKey(state.session)) || "null") as TakingUp | null;
  return found?.client === state.client && found.token === state.token ? found : null;
}

/** To be said before the session is asked for: afterwards it may be too late. */
function rememberTakingUp(client: string, state: SessionState, begun: TakingUp | null): void {
  const taking: TakingUp = { client, token: state.token + 1, after: begun ? begun.after : state.client };
  remember(takingUpKey(state.session), JSON.stringify(taking));
}

function rememberedClient(session: number): string | null {
  return remembered(clientKey(session));
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage the next page load asks before it takes over.
  }
}
