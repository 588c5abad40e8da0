/** How the editor looks: the site's tokens, in the editor's own style sheet (the editor lives in a shadow root). */
import { syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";

const highlighter = tagHighlighter([
  { tag: [tags.keyword, tags.null, tags.bool, tags.self, tags.modifier], class: "tok-keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.character, tags.attributeValue, tags.escape], class: "tok-string" },
  { tag: [tags.number, tags.atom, tags.color, tags.unit], class: "tok-number" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.function(tags.definition(tags.propertyName)), tags.macroName], class: "tok-function" },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.tagName, tags.standard(tags.variableName), tags.standard(tags.name)], class: "tok-type" },
  { tag: [tags.meta, tags.annotation, tags.processingInstruction, tags.attributeName], class: "tok-decorator" },
  { tag: [tags.operator, tags.punctuation, tags.bracket, tags.separator], class: "tok-operator" },
  { tag: tags.definitionKeyword, class: "tok-keyword" },
  { tag: tags.heading, class: "tok-heading" },
  { tag: tags.invalid, class: "tok-invalid" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "var(--code-size, 13px)", backgroundColor: "var(--surface)", color: "var(--code-name)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "var(--code-line, 21px)", fontVariantLigatures: "none", scrollbarWidth: "thin", scrollbarColor: "var(--line-strong) transparent" },
  ".cm-content": { padding: "4px 0 24px", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 14px 0 12px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--gutter)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 10px 0 0", minWidth: "28px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--code-line) 75%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--code-line)", color: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--code-selection)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--code-selection) 55%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--line-control)", borderRadius: "2px" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--failed-soft)" },
  ".cm-marks": { width: "22px" },
  ".cm-mark": { display: "block", width: "8px", height: "8px", margin: "7px 0 0 9px", borderRadius: "2px", backgroundColor: "var(--failed-solid)" },
  ".cm-mark.finding": { backgroundColor: "var(--unstable-solid)", borderRadius: "50%" },
  ".cm-bars": { width: "6px" },
  ".cm-bars .cm-gutterElement": { width: "6px" },
  ".cm-bar:hover": { width: "6px" },
  ".cm-bar": { cursor: "pointer", display: "block", width: "3px", height: "100%", backgroundColor: "var(--accent)" },
  ".cm-bar.new": { backgroundColor: "var(--passed-solid)" },
  ".cm-bar.gone": { height: "3px", backgroundColor: "var(--failed-solid)" },
  ".cm-lens": { color: "var(--failed-text)", backgroundColor: "var(--failed-soft)", marginLeft: "28px", padding: "2px 8px", borderRadius: "4px", font: "var(--text-xs)/15px var(--font-ui)", display: "inline-block", verticalAlign: "bottom", maxWidth: "40ch", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  ".cm-lens.finding": { color: "var(--unstable-text)", backgroundColor: "var(--unstable-soft)" },
  ".tok-keyword": { color: "var(--code-keyword)" },
  ".tok-string": { color: "var(--code-string)" },
  ".tok-number": { color: "var(--code-number)" },
  ".tok-comment": { color: "var(--code-comment)", fontStyle: "italic" },
  ".tok-function": { color: "var(--code-function)" },
  ".tok-type": { color: "var(--code-type)" },
  ".tok-decorator": { color: "var(--code-decorator)" },
  ".tok-operator": { color: "var(--code-operator)" },
  ".tok-heading": { fontWeight: "600" },
  ".tok-invalid": { color: "var(--failed-text)" },
});

export const look = [theme, syntaxHighlighting(highlighter)];
