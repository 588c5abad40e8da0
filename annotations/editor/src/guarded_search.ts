/** Search in a worker with a time limit: a pattern that backtracks without end is stopped and said. */
import type { Found } from "./find";
import type { Asked, Ready } from "./search_worker";

const LIMIT = 3000; // milliseconds

export class GuardedSearch {
  private worker: Worker | null = null;
  private ready = false; // fetching the worker is not the pattern's fault
  private refuse: (() => void) | null = null;

  /** The hits, or a sentence; null where another search has been asked for meanwhile. */
  async find(asked: Asked): Promise<Found | string | null> {
    this.refuse?.(); // one at a time: the one before is not wanted any more
    const worker = (this.worker ??= new Worker(new URL("search_worker.js", import.meta.url), { type: "module" }));
    return new Promise((resolve) => {
      let timer = 0;
      const end = (answer: Found | string | null, kill: boolean): void => {
        clearTimeout(timer);
        worker.onmessage = worker.onerror = this.refuse = null;
        if (kill) {
          worker.terminate();
          this.worker = null;
          this.ready = false;
        }
        resolve(answer);
      };
      const watch = (): void => void (timer = window.setTimeout(() => end(`This pattern takes longer than ${LIMIT / 1000} s and was stopped. Make it simpler: nested repetitions such as (a+)+ try everything.`, true), LIMIT));
      this.refuse = () => end(null, true);
      worker.onmessage = ({ data }: MessageEvent<Found | string | Ready>) => {
        if (typeof data === "string" || !("ready" in data)) return end(data, false);
        this.ready = true;
        watch();
      };
      if (this.ready) watch();
      worker.onerror = () => end("The search could not be started. Try again.", true);
      worker.postMessage(asked);
    });
  }
}
