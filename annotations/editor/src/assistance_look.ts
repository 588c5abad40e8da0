/** How searching, completion and folding look; fetched with them. The rest is in look.ts. */
import { EditorView } from "@codemirror/view";

export const assistanceLook = EditorView.theme({
  ".cm-panels": { backgroundColor: "var(--surface-side)", color: "var(--text)", borderColor: "var(--line)", font: "var(--text-s)/20px var(--font-ui)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "8px 34px 8px 12px" },
  ".cm-panel.cm-search label": { fontSize: "var(--text-xs)", color: "var(--text-2)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-control)", borderRadius: "4px", padding: "2px 8px", font: "inherit" },
  ".cm-textfield:focus-visible, .cm-button:focus-visible": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "4px", padding: "2px 9px", font: "var(--text-xs)/18px var(--font-ui)" },
  ".cm-panel.cm-search [name=close]": { fontSize: "16px", color: "var(--text-quiet)", top: "6px", right: "10px" },
  ".cm-searchMatch": { backgroundColor: "var(--unstable-soft)", outline: "1px solid var(--unstable-line)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--unstable-line)" },
  ".cm-tooltip": { backgroundColor: "var(--surface-raised)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-m)", boxShadow: "var(--shadow-2)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "12px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--text-quiet)", fontStyle: "normal" },
  ".cm-foldGutter": { width: "14px" },
  ".cm-fold": { cursor: "pointer", color: "var(--text-quiet)", opacity: "0", padding: "0 2px" },
  ".cm-gutters:hover .cm-fold, .cm-fold.folded": { opacity: "1" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--surface-hover)", color: "var(--text-quiet)", border: "0" },
});
