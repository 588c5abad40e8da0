/** Folding of classes, functions and the like: a sign beside the line, and keys. Fetched with the language. */
import { codeFolding, foldGutter, foldKeymap } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

export function folding(): Extension {
  return [
    codeFolding({ placeholderText: "…" }),
    foldGutter({
      markerDOM: (open) => {
        const sign = document.createElement("span");
        sign.className = open ? "cm-fold" : "cm-fold folded";
        sign.textContent = open ? "⌄" : "›";
        return sign;
      },
    }),
    keymap.of(foldKeymap),
  ];
}
