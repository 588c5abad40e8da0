/** Making elements: text goes in as text, lengths are attributes, styles are classes. */
type Child = Node | string | null | undefined | false;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Record<string, string | boolean | EventListener>, ...children: Child[]): HTMLElementTagNameMap[K];
export function h(tag: string, attributes?: Record<string, string | boolean | EventListener>, ...children: Child[]): HTMLElement;
export function h(tag: string, attributes: Record<string, string | boolean | EventListener> = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing of the sprite, decoration only. */
export function icon(name: string, classes = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${classes}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.dataset.sprite ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

/** A bar of parts in proportion; classes name the colours. */
export function bar(parts: { look: string; share: number }[], height: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: "tally", viewBox: `0 0 1000 ${height}`, height: String(height), preserveAspectRatio: "none", "aria-hidden": "true" }))
    svg.setAttribute(name, value);
  let x = 0;
  for (const { look, share } of parts) {
    const width = 1000 * Math.max(0, Math.min(1, share));
    if (width > 0) {
      const rect = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ class: `f-${look}`, x: x.toFixed(1), y: "0", width: Math.max(1, width - 2).toFixed(1), height: String(height) }))
        rect.setAttribute(name, value);
      svg.append(rect);
    }
    x += width;
  }
  return svg;
}

/** The element with this id; a page without it is a mistake of ours. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element as T;
}

/** Elements of an HTML fragment of our own server. Scripts in it do not run. */
export function fragment(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function folder(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** "1 edit", "37 edits". */
export function counted(count: number, one: string, many = one + "s"): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Whether keys typed now go into text; looks through shadow roots. */
export function isTyping(event: Event): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** What the browser remembers between visits; storage may be forbidden. */
export const remembered = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(`amend.${key}`);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): void {
    try {
      localStorage.setItem(`amend.${key}`, value);
    } catch {
      // Not remembered then.
    }
  },
};
