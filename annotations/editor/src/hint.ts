/** A sentence in the status bar, for a few seconds. */
import { byId } from "./dom";

const STAYS = 6000; // milliseconds
let timer = 0;

export function hint(words: string): void {
  const place = byId("hint");
  place.textContent = words;
  clearTimeout(timer);
  timer = window.setTimeout(() => (place.textContent = ""), STAYS);
}
