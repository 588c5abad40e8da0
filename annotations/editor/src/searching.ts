/** Search within the file on screen, fetched with its language; what is searched for is told by its length, at rest. */
import { getSearchQuery, highlightSelectionMatches, search, searchKeymap, setSearchQuery } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { assistanceLook } from "./assistance_look";
import { settled } from "./resting";

export function searching(searched: (length: number) => void): Extension {
  const tell = settled<[number]>(searched);
  return [
    assistanceLook,
    search({ top: true }),
    highlightSelectionMatches({ minSelectionLength: 2 }),
    keymap.of(searchKeymap),
    EditorView.updateListener.of(({ transactions, state }) => {
      if (!transactions.some(({ effects }) => effects.some((effect) => effect.is(setSearchQuery)))) return;
      const { length } = getSearchQuery(state).search;
      if (length) tell(length);
    }),
  ];
}
