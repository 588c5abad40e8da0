/** The entries of the log, as docs/workspace-protocol.md lists them. */
import type { ChangeSet } from "@codemirror/state";

export interface Kinds {
  opened: { client: string };
  "file.opened": { path: string };
  "file.closed": { path: string };
  "file.created": { path: string; text: string; line_separator?: "\r\n" };
  "file.renamed": { path: string; to: string };
  "file.deleted": { path: string };
  edit: { path: string; changes: ReturnType<ChangeSet["toJSON"]>; user: string };
  selected: { path: string; head: number };
  scrolled: { path: string; line: number };
  focus: object;
  blur: object;
  visible: object;
  hidden: object;
  searched: { query_length: number };
  replaced: { query_length: number; files: number; places: number };
  restored: { path: string; what: "file" | "hunk" | "deleted" };
  split: { columns: number };
  "definition.opened": { path: string; line: number; from: string };
  "references.opened": { path: string; line: number; places: number };
  "check.opened": { check: string };
  "finding.opened": { path: string; line: number };
  "diff.opened": { path: string };
  "checks.requested": { run: number };
  "some.requested": { run: number };
  "run.seen": { run: number };
  "run.stopped": { run: number };
  "cause.labelled": { cause: string };
  "check.disputed": { check: string };
  "contract.opened": object;
  "request.sent": { exchange: number };
  paused: { reason: string };
  resumed: { reason: string };
  still_working: { answer: "yes" | "away" };
  hash: { digest: string };
  "suggestion.shown": { path: string; count: number };
  "suggestion.taken": { path: string; length: number };
  took_over: { from: string };
  stranded: { entries: number };
  "clock.jumped": { seconds: number };
  "edit.refused": { path: string; length: number };
}

export type Kind = keyof Kinds;
interface Common {
  seq: number;
  at: number;
  mono: number;
  page: string;
}
export type LogEvent = { [K in Kind]: Common & { kind: K } & Kinds[K] }[Kind];

/** A random id of 32 hexadecimal digits (crypto.randomUUID is missing on plain http). */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
