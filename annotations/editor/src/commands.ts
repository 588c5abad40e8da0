/** What the palette offers besides files, symbols and checks: everything that can be done, each under its name and keys. */
import type { Entry } from "./quick_open";

/** Everything somebody can ask for by name; the keys are those of keys.ts and extensions.ts. */
export interface Acts {
  runChecks(): unknown;
  compare(): unknown;
  searchFiles(): unknown;
  definition(): unknown;
  references(): unknown;
  back(): unknown;
  split(): unknown;
  otherColumn(): unknown;
  newFile(): unknown;
  renameFile(): unknown;
  deleteFile(): unknown;
  restoreFile(): unknown;
  restoreLines(): unknown;
  restoreDeleted(path: string): unknown;
  otherKeymap(): unknown;
  console(): unknown;
  pause(): unknown;
  submit(): unknown;
  giveUp(): unknown;
  leave(): unknown;
  showKeys(): unknown;
}

export function commands(acts: Acts, now: { deleted: Iterable<string>; vim: boolean }): Entry[] {
  const command = (name: string, choose: () => unknown, keys?: string): Entry => ({ group: "Commands", sign: "goto", name, keys, choose: () => void choose() });
  return [
    command("Run checks", acts.runChecks, "Ctrl ↵"),
    command("Compare with the generated code", acts.compare),
    command("Search and replace in all files", acts.searchFiles, "Ctrl Shift F"),
    command("Go to definition", acts.definition, "F12"),
    command("Find references", acts.references, "Shift F12"),
    command("Back to where I was", acts.back, "Alt ←"),
    command("One column or two", acts.split, "Ctrl \\"),
    command("The other column", acts.otherColumn),
    command("New file…", acts.newFile),
    command("Rename this file…", acts.renameFile),
    command("Delete this file…", acts.deleteFile),
    command("Restore this file to the generated version…", acts.restoreFile),
    command("Restore the changed lines at the cursor…", acts.restoreLines),
    ...[...now.deleted].map((path) => command(`Restore the deleted file ${path}`, () => acts.restoreDeleted(path))),
    command(now.vim ? "Use the default keys" : "Use Vim's keys", acts.otherKeymap),
    command("Show or hide the console", acts.console, "Ctrl `"),
    command("Pause…", acts.pause),
    command("Submit repair…", acts.submit),
    command("Give up with a reason…", acts.giveUp),
    command("Leave and keep my place", acts.leave),
    command("All keys", acts.showKeys, "?"),
  ];
}
