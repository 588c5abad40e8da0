/**
 * Taking a session up: who holds it now, may this page have it, and which of this browser's unconfirmed entries go on.
 *
 * Every page load is a client of its own, so that every take-over raises the token and nothing of an earlier page can
 * land afterwards. Entries of an earlier page go on only where that page was the last holder: then nobody wrote between.
 */
import type { LogEvent } from "./events";
import type { Journal } from "./journal";
import type { Session, SessionState } from "./session";

export interface TakenUp {
  state: SessionState;
  /** Entries of an earlier page load of this browser that follow `state.accepted`. */
  kept: LogEvent[];
  /** How many entries cannot follow any more and were set aside. */
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
  const ours = !asking.aliveElsewhere && rememberedClient(before.session) === before.client;
  let lease = await session.lease(ours || asking.takeOverAtOnce);
  let tookOver = asking.takeOverAtOnce && before.client !== "";
  if ("error" in lease && lease.error === "held") {
    if (!(await asking.mayTakeOver(lease.since))) return null;
    tookOver = true;
    if (asking.aliveElsewhere) await asking.politely();
    before = await session.state();
    lease = await session.lease(true);
  }
  if ("error" in lease) throw new Error(lease.sentence ?? "The session cannot be taken up.");
  const previous = lease.token === before.token + 1 || lease.token === before.token ? before.client : "";
  rememberClient(before.session, session.client);
  const state = lease.accepted === before.accepted ? before : await session.state();
  if (asking.aliveElsewhere) for (const [client, events] of (await journal?.unconfirmed()) ?? mine) mine.set(client, events);
  const { kept, stranded } = await sortOut(journal, mine, previous, session.client, state.accepted);
  return { state, kept, stranded, tookOverFrom: tookOver ? before.client : null };
}

async function sortOut(
  journal: Journal | null,
  mine: Map<string, LogEvent[]>,
  previous: string,
  client: string,
  accepted: number,
): Promise<{ kept: LogEvent[]; stranded: number }> {
  let kept: LogEvent[] = [];
  let stranded = 0;
  for (const [writer, events] of mine) {
    const after = events.filter((event) => event.seq > accepted);
    if (writer === previous && follows(after, accepted)) {
      kept = after;
      await journal?.adopt(writer, client, kept);
    } else {
      const lost = writer === previous ? after : events;
      stranded += lost.length;
      await journal?.strand(writer, lost);
    }
  }
  return { kept, stranded };
}

/** Whether the entries are numbered on from `accepted` without a gap. */
export function follows(events: LogEvent[], accepted: number): boolean {
  return events.every((event, index) => event.seq === accepted + 1 + index);
}

const key = (session: number): string => `amend.session.${session}.client`;

function rememberedClient(session: number): string | null {
  try {
    return localStorage.getItem(key(session));
  } catch {
    return null;
  }
}

function rememberClient(session: number, client: string): void {
  try {
    localStorage.setItem(key(session), client);
  } catch {
    // Without storage the next page load asks before it takes over.
  }
}
