/** What happens to the window is recorded, and what is not yet saved is saved when it goes. */
import type { SessionLog } from "./session_log";

export function recordWindow(log: SessionLog): void {
  window.addEventListener("focus", () => log.record("focus", {}));
  window.addEventListener("blur", () => log.record("blur", {}));
  document.addEventListener("visibilitychange", () => {
    log.record(document.visibilityState === "visible" ? "visible" : "hidden", {});
    if (document.visibilityState === "hidden") log.beacon();
  });
  window.addEventListener("pagehide", () => log.beacon());
  window.addEventListener("online", () => log.tryNow());
  window.addEventListener("beforeunload", (event) => {
    if (log.endangered) event.preventDefault();
  });
}
