/** `window.__amend` shows tests (and the curious) what the page holds; nothing can be changed through it. */
import { digest } from "./digest";
import type { Files } from "./files";
import type { SessionLog } from "./session_log";

declare global {
  interface Window {
    __amend?: { digest(): string; files(): Record<string, string | null>; accepted(): number; recorded(): number };
  }
}

export function showInside(files: Files, log: SessionLog): void {
  window.__amend = {
    digest: () => digest(files),
    files: () => Object.fromEntries(files.paths().map((path) => [path, files.get(path)!.doc?.toString() ?? null])),
    accepted: () => log.accepted,
    recorded: () => log.recorded,
  };
}
