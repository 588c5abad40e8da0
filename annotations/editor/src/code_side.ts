/** The files and editors of the workspace: the tree, what is open, names, searching, restoring, comparing. */
import type { ChangeSet, Text } from "@codemirror/state";
import type { Place } from "./checks";
import type { Acts, Now } from "./commands";
import type { Compare } from "./diff";
import { byId, counted } from "./dom";
import { sharedEditing } from "./editing";
import type { Shared } from "./editor";
import type { FileSearch } from "./file_search";
import type { FileVerbs } from "./file_verbs";
import type { Files } from "./files";
import { Lazy } from "./lazy";
import type { Mark } from "./marks";
import { hint } from "./hint";
import type { Navigation } from "./navigation";
import { OpenFiles } from "./open_files";
import { Palette } from "./palette";
import type { Renaming } from "./renaming";
import type { Restore } from "./restore";
import type { Session } from "./session";
import type { SessionLog } from "./session_log";
import { EditorSettings } from "./settings";
import { Tree } from "./tree";

type CodeActs = Pick<
  Acts,
  | "compare" | "searchFiles" | "definition" | "references" | "renameSymbol" | "back" | "split" | "otherColumn" | "goToLine" | "newFile" | "renameFile"
  | "renameFolder" | "deleteFile" | "deleteFolder" | "undoFiles" | "restoreFile" | "restoreLines" | "restoreDeleted" | "closeFile" | "inEditor" | "wrap" | "textSize" | "otherKeymap"
>;

export class CodeSide {
  readonly open: OpenFiles;
  readonly settings: EditorSettings;
  readonly palette: Palette;
  private readonly shared: Shared;
  private readonly tree: Tree;
  private readonly navigation: Lazy<Navigation>;
  private readonly verbs: Lazy<FileVerbs>;
  private readonly restore: Lazy<Restore>;
  private readonly renaming: Lazy<Renaming>;
  private readonly compare: Lazy<Compare>;
  readonly search: Lazy<FileSearch>;
  private undoable: () => string | null = () => null;
  private dirty = 0;

  constructor(
    sessionId: number,
    session: Session,
    private readonly files: Files,
    private readonly log: SessionLog,
    private readonly on: { acts(): Acts; checks(): Now["checks"]; failures(): Map<string, number> },
  ) {
    this.shared = sharedEditing(files, log, {
      edited: (path, changes, user, doc) => this.edited(path, changes, user, doc),
      navigation: () => this.navigation,
      current: () => this.open.current,
      restoreAt: (line) => void this.restore.use((restore) => restore.hunk(line)),
      renameSymbol: (path, at) => this.renaming.use((renaming) => renaming.symbol(path, at)),
    });
    this.tree = this.plantTree();
    this.open = new OpenFiles(sessionId, files, log, this.shared, {
      shown: (path) => this.tree.select(path),
      moved: (path, line) => void this.navigation.use((names) => names.moved(path, line)),
      leads: (start) => this.palette.open(start),
    });
    this.settings = new EditorSettings(this.shared, {
      changed: () => {
        this.open.refresh();
        this.open.editor.focus();
      },
      save: () => log.tryNow(),
      failed: () => hint("Vim's keys could not be fetched. Choose them again when the connection is back."),
      hint,
    });
    this.palette = new Palette(on.acts(), () => this.now(), { symbols: async () => (await this.navigation.use((names) => names.symbols())) ?? [], line: (line) => this.open.current && this.open.jump(this.open.current, line) }, () => this.unreachable());
    this.navigation = this.later(async () => new (await import("./navigation")).Navigation(files, this.open, (label, entries) => this.palette.choose(label, entries), log));
    this.verbs = this.later(async () => this.newVerbs(await import("./file_verbs")));
    this.restore = this.later(async () => new (await import("./restore")).Restore(files, this.open, (...file) => void this.verbs.use((verbs) => verbs.put(...file)), log, (path) => session.original(path)));
    this.renaming = this.later(async () => new (await import("./renaming")).Renaming(files, this.open, log, async (path, at) => (await this.navigation.use((names) => names.uses(path, at))) ?? null, hint));
    this.compare = this.later(async () => {
      const { Compare } = await import("./diff");
      return new Compare(session, {
        opened: (path) => log.record("diff.opened", { path }),
        flush: () => log.flush(),
        edit: (path) => files.has(path) && this.open.show(path),
      });
    });
    this.search = this.later(async () => {
      const { FileSearch, USER_EVENT } = await import("./file_search");
      return new FileSearch(files, {
        searched: (length) => log.record("searched", { query_length: length }),
        replaced: (length, files, places) => log.record("replaced", { query_length: length, files, places }),
        goTo: (path, line) => this.open.goTo({ path, line }),
        change: (path, changes) => this.open.change(path, changes, USER_EVENT),
        locked: () => log.stopped,
      });
    });
  }

  /** The tree and its counts as the files are now. */
  draw(): void {
    const failures = this.on.failures();
    const findings = (path: string): number => (this.shared.marks.get(path) ?? []).filter(({ is }) => is === "finding").length;
    const paths = this.files.paths();
    this.tree.draw(paths, (path) => this.files.isChanged(path), (path) => failures.get(path) ?? 0, findings);
    this.open.draw();
    byId("changed-count").textContent = `${this.files.changedPaths().length} of ${counted(paths.length, "file")} changed`;
  }

  mark(marks: Map<string, Mark[]>): void {
    this.shared.marks = marks;
    this.open.refresh();
  }

  lock(locked: boolean): void {
    this.shared.locked = locked;
    this.open.refresh();
  }

  goTo(place: Place, recorded = false): void {
    this.open.goTo(place, recorded);
  }

  /** A part that is fetched when it is first wanted. */
  later<T>(load: () => Promise<T>): Lazy<T> {
    return new Lazy(load, () => this.unreachable());
  }

  /** What can be asked for by name. */
  acts(): CodeActs {
    const verbs = (act: (verbs: FileVerbs) => unknown): Promise<unknown> => this.verbs.use(act);
    const current = (): string => this.folder(this.open.current);
    return {
      compare: () => this.compare.use((compare) => compare.open(this.files.changedPaths(), this.open.current)),
      searchFiles: () => {
        (byId("side-tabs") as HTMLElement & { active: string }).active = "search";
        return this.search.use((search) => setTimeout(() => search.focus(), 50));
      },
      definition: () => this.atCursor((path, position) => this.navigation.use((names) => names.definition(path, position))),
      references: () => this.atCursor((path, position) => this.navigation.use((names) => names.references(path, position))),
      renameSymbol: () => this.atCursor((path, position) => this.renaming.use((renaming) => renaming.symbol(path, position))),
      back: () => this.open.goBack(),
      split: () => this.open.split(),
      otherColumn: () => this.open.other(),
      goToLine: () => this.palette.open(":"),
      newFile: () => verbs((files) => files.create()),
      renameFile: () => verbs((files) => files.rename()),
      renameFolder: (folder = current()) => folder && verbs((files) => files.renameFolder(folder)),
      deleteFile: () => verbs((files) => files.delete()),
      deleteFolder: (folder = current()) => folder && verbs((files) => files.deleteFolder(folder)),
      undoFiles: () => verbs((files) => files.undo()),
      restoreFile: () => this.restore.use((restore) => restore.file()),
      restoreLines: () => this.restore.use((restore) => restore.hunk()),
      restoreDeleted: (paths) => this.restore.use((restore) => restore.deleted(paths)),
      closeFile: () => this.open.closeCurrent(),
      inEditor: (command) => {
        const { path, view } = this.open.editor;
        if (path === null) return;
        view.focus();
        command(view);
      },
      wrap: () => this.settings.wrap(),
      textSize: (by) => this.settings.resize(by),
      otherKeymap: () => this.settings.otherKeymap(),
    };
  }

  private plantTree(): Tree {
    const verbs = (act: (verbs: FileVerbs) => unknown): void => void this.verbs.use(act);
    return new Tree(byId("tree"), {
      open: (path) => this.open.show(path),
      rename: (path) => verbs((files) => files.rename(path)),
      renameFolder: (folder) => verbs((files) => files.renameFolder(folder)),
      remove: (path) => verbs((files) => files.delete(path)),
      removeFolder: (folder) => verbs((files) => files.deleteFolder(folder)),
      into: (path, folder) => verbs((files) => files.into(path, folder)),
      undo: () => verbs((files) => files.undo()),
      menu: (at, x, y) => void this.menu(at, x, y),
    });
  }

  private async menu({ file, folder }: { file?: string; folder?: string }, x: number, y: number): Promise<void> {
    const { showMenu } = await import("./tree_menu");
    const verbs = (act: (verbs: FileVerbs) => unknown) => () => this.verbs.use(act);
    const path = file ?? folder!;
    const beside = folder ?? this.folder(path);
    showMenu(
      [
        { name: beside ? `New file in ${beside}…` : "New file…", choose: verbs((files) => files.create(beside)) },
        { name: "Rename or move…", keys: "F2", choose: verbs((files) => (file ? files.rename(file) : files.renameFolder(path))) },
        { name: file ? "Delete…" : "Delete the folder…", keys: "Del", choose: verbs((files) => (file ? files.delete(file) : files.deleteFolder(path))) },
        ...(file && this.files.get(file)?.generated && this.files.isChanged(file) ? [{ name: "Restore to generated…", choose: () => this.restore.use((restore) => restore.file(file)) }] : []),
        ...(this.undoable() ? [{ name: `Undo ${this.undoable()!}`, keys: "Ctrl Z", choose: verbs((files) => files.undo()) }] : []),
      ],
      path,
      x,
      y,
    );
  }

  private newVerbs({ FileVerbs }: typeof import("./file_verbs")): FileVerbs {
    const verbs = new FileVerbs(this.files, this.open, this.log, {
      drawFiles: () => this.draw(),
      foldersMoved: (from, to) => this.tree.foldersMoved(from, to),
      hint,
    });
    this.undoable = () => verbs.undoable;
    return verbs;
  }

  private now(): Now {
    return {
      paths: this.files.paths(),
      current: this.open.current,
      open: (path) => this.open.show(path),
      checks: this.on.checks(),
      deleted: this.files.deleted,
      undoable: this.undoable(),
      vim: this.settings.vim,
      wraps: this.settings.wraps,
    };
  }

  private edited(path: string, changes: ChangeSet, user: string, doc: Text): void {
    this.files.setDocument(path, doc);
    this.log.recordEdit(path, changes, user);
    clearTimeout(this.dirty);
    this.dirty = window.setTimeout(() => this.draw(), 250);
  }

  private atCursor(act: (path: string, position: number) => unknown): unknown {
    const { path, view } = this.open.editor;
    return path === null ? undefined : act(path, view.state.selection.main.head);
  }

  private folder(path: string | null): string {
    return path?.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  }

  private unreachable(): void {
    hint("That could not be fetched: the server cannot be reached. Try again.");
  }
}
