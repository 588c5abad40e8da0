/** Pages of one browser know of each other through a lock, and ask each other to finish through a channel. */
export interface OneTab {
  /** Whether another live page of this browser has the session (or it cannot be known). */
  aliveElsewhere: boolean;
  /** Ask that page to save what it has and stop; resolves when it did, or after 1.5 s. */
  politely(): Promise<void>;
  /** Be the page of this browser from now on. */
  hold(): Promise<void>;
  onYield(yields: () => Promise<void>): void;
}

/** Find out whether this page is the only one; holds the lock at once where it is free. */
export async function oneTabAtATime(sessionId: number, client: string): Promise<OneTab> {
  const name = `amend-session-${sessionId}`;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  // Without locks (plain http) a page that is alive cannot be told from one that was killed: ask before taking over.
  let aliveElsewhere = true;
  let holding = false;
  const keep = (): Promise<void> => new Promise<void>(() => undefined);
  if (navigator.locks)
    await new Promise<void>((known) => {
      void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        aliveElsewhere = lock === null;
        holding = lock !== null;
        known();
        return lock ? keep() : undefined;
      }).catch(() => undefined); // another page of this browser took the lock
    });
  return {
    aliveElsewhere,
    politely: () =>
      new Promise((done) => {
        channel?.addEventListener("message", (event: MessageEvent<{ yielded?: string }>) => event.data.yielded && done());
        channel?.postMessage({ yield: client });
        setTimeout(done, 1500);
      }),
    hold: async () => {
      if (navigator.locks && !holding) void navigator.locks.request(name, { steal: true }, keep).catch(() => undefined);
    },
    onYield: (yields) =>
      channel?.addEventListener("message", (event: MessageEvent<{ yield?: string }>) => {
        if (event.data.yield && event.data.yield !== client) void yields().finally(() => channel.postMessage({ yielded: client }));
      }),
  };
}
