/** A divider that is moved by mouse and arrow keys, and remembered by this browser. */
import { h, remembered } from "./dom";

const STEP = 24; // pixels an arrow key moves it

export interface Divided {
  label: string;
  /** Under which the size is remembered. */
  key: string;
  /** Whether it divides left from right; otherwise above from below. */
  vertical: boolean;
  /** Least and greatest size of what comes after it, in pixels, as the page is now. */
  limits(): [number, number];
  size(): number;
  /** Give what comes after it this size; null: as it was made. */
  set(size: number | null): void;
}

export function divider(divided: Divided): HTMLElement {
  const { key, vertical } = divided;
  const bar = h("div", { class: `divider ${vertical ? "upright" : "level"}`, role: "separator", tabindex: "0", "aria-label": divided.label, "aria-orientation": vertical ? "vertical" : "horizontal" });
  const put = (size: number, kept = true): void => {
    const [least, most] = divided.limits();
    const fits = Math.round(Math.max(least, Math.min(size, Math.max(least, most))));
    divided.set(fits);
    say();
    if (kept) remembered.set(key, String(fits));
  };
  const say = (): void => {
    const [least, most] = divided.limits();
    for (const [name, value] of [["aria-valuemin", least], ["aria-valuemax", Math.max(least, most)], ["aria-valuenow", divided.size()]] as const) bar.setAttribute(name, String(Math.round(value)));
  };
  bar.addEventListener("keydown", (event) => {
    const by = (vertical ? { ArrowLeft: STEP, ArrowRight: -STEP } : { ArrowUp: STEP, ArrowDown: -STEP })[event.key as "ArrowUp"];
    if (by === undefined && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    put(by === undefined ? divided.limits()[event.key === "Home" ? 1 : 0] : divided.size() + by);
  });
  bar.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    const start = vertical ? event.clientX : event.clientY;
    const before = divided.size();
    const move = (moved: PointerEvent): void => put(before + start - (vertical ? moved.clientX : moved.clientY));
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", move), { once: true });
  });
  // Twice: as it was made.
  bar.addEventListener("dblclick", () => {
    divided.set(null);
    remembered.set(key, "");
    say();
  });
  const size = Number(remembered.get(key));
  // Not before it is in the page, where it has a size.
  setTimeout(() => (size > 0 ? put(size, false) : say()));
  addEventListener("resize", () => bar.isConnected && size > 0 && put(divided.size(), false));
  return bar;
}
