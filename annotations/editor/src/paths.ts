/** Paths of files: which a file may have, by the rules of annotations/replay.py, and how a folder moves. Pure. */

const LONGEST_PATH = 240; // UTF-16 code units
const LONGEST_NAME = 255; // bytes of one part in UTF-8

export interface Move {
  path: string;
  to: string;
}

/** Why a file may not get this path among these; null where it may. */
export function refusal(path: string, among: Iterable<string>): string | null {
  const names = path.split("/");
  if (/[\0\\]/.test(path)) return "A path holds no NUL and no backslash.";
  if (path.length > LONGEST_PATH) return `A path is at most ${LONGEST_PATH} characters long.`;
  if (path.startsWith("/")) return "A path is relative to the project: leave out the first slash.";
  if (names.some((name) => name === "" || name === "." || name === "..")) return "No part of a path may be empty, “.” or “..”.";
  if (names.some((name) => new TextEncoder().encode(name).length > LONGEST_NAME)) return `A name is at most ${LONGEST_NAME} bytes long.`;
  if (!path.isWellFormed()) return "The path holds half a character.";
  for (const other of among) {
    if (other === path) return "There is already a file of this name.";
    if (other.startsWith(path + "/")) return "There is already a folder of this name.";
    if (path.startsWith(other + "/")) return `${other} is a file, so nothing can lie in it.`;
  }
  return null;
}

/**
 * How the files of a folder get to another one, one after the other, so that no step finds its place taken; a sentence
 * where that cannot be done. `to` may be "": the root of the project. Folders that exist already are joined.
 */
export function folderMoves(paths: readonly string[], folder: string, to: string): Move[] | string {
  const prefix = to ? `${to}/` : "";
  const waiting = paths.filter((path) => path.startsWith(`${folder}/`)).map((path): Move => ({ path, to: prefix + path.slice(folder.length + 1) }));
  return inOrder(paths, waiting);
}

/** These moves in an order in which each finds its place free; a sentence where there is none. */
export function inOrder(paths: readonly string[], moves: readonly Move[]): Move[] | string {
  const there = new Set(paths);
  const done: Move[] = [];
  let waiting = moves.filter(({ path, to }) => path !== to);
  while (waiting.length) {
    const stuck: Move[] = [];
    let why = "";
    for (const move of waiting) {
      there.delete(move.path);
      const refused = refusal(move.to, there);
      there.add(refused ? move.path : move.to);
      if (refused) {
        stuck.push(move);
        why ||= `${move.to}: ${refused}`;
      } else done.push(move);
    }
    if (stuck.length === waiting.length) return why;
    waiting = stuck;
  }
  return done;
}
