/** Finds apart from the page, so that a pattern that never ends can be ended. */
import { find, type Query } from "./find";

export interface Asked {
  query: Query;
  replacement: string | null;
  texts: [string, string][];
  most: number;
}

/** The worker has been fetched and runs. */
export interface Ready {
  ready: true;
}

addEventListener("message", (event: MessageEvent<Asked>) => {
  const { query, replacement, texts, most } = event.data;
  postMessage(find(query, replacement, texts, most));
});
postMessage({ ready: true } satisfies Ready);
