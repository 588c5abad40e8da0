/** No edit makes a file longer than the record takes (annotations/replay.py): it is refused before it happens. */
import { EditorState, type Extension } from "@codemirror/state";

export const LARGEST_DOCUMENT = 2_000_000; // UTF-16 code units

/** `refused` hears how long the file would have become. */
export function sizeLimit(refused: (length: number) => void): Extension {
  return EditorState.changeFilter.of(({ changes }) => {
    if (fits(changes)) return true;
    refused(changes.newLength);
    return false;
  });
}

/** Whether a change may be made; a file that is too long already may still shrink. */
export function fits({ length, newLength }: { length: number; newLength: number }): boolean {
  return newLength <= LARGEST_DOCUMENT || newLength <= length;
}
