"""Waits in a sandbox, before any code of a backend is there, with the frameworks imported; then becomes its program.

Runs on the environment's own interpreter, inside the sandbox, as the backend's user: it can do nothing that a backend
could not. A shim in front of `python` (shim.sh) tells its process id on a loopback connection. Everything else, the
arguments, folder, variables, descriptors and limits, is read from /proc; then a fork behaves as a fresh interpreter
would. What could tell the difference is refused, and the shim starts the real one:

- standard input and output that are not those the sandbox gives to every program, or further descriptors;
- flags other than -u, -B, -m and -c;
- variables that the interpreter reads when it starts, or that a module here looked at while it was imported;
- a module of the backend's that would win over one that is imported already.

    zygote.py PORT MODULE…
"""

from __future__ import annotations

import os
import sys

FRESH = frozenset(sys.modules)  # what every interpreter has from the beginning

import _socket  # noqa: E402
import select  # noqa: E402
from contextlib import suppress  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType
    from typing import Any, NoReturn

READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GLIBC_", "OPENSSL_")
OF_THE_SHELL = frozenset(("PWD", "OLDPWD", "SHLVL", "_", "PATH"))
TAKEN_OVER = frozenset(("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"))
CHANGES_PATH = (b"sys.path", b"addsitedir", b"meta_path")
CHANGES_PATH_BY_ARGUMENT = ("chdir", "pythonpath", "app-dir")
CUSTOMS = frozenset(("sitecustomize", "usercustomize"))
MOST_ENTRIES = 5_000
MOST_SOURCE_BYTES = 4_000_000
ASK_SECONDS = 2
SETTLE_ATTEMPTS, SETTLE_SECONDS = 40, 0.0005
READY = "zygote-ready"  # the name of this process from when it has imported everything
KILL = 9
FAILED, INTERRUPTED = 1, 130


class Refused(Exception):
    """A real interpreter must run this program; says why."""


# --- before the code arrives -----------------------------------------------------------------------------------------


def preload(names: Iterable[str]) -> set[str]:
    """Import what can be; the names of the variables that were looked at meanwhile, `*` for all of them."""
    import warnings

    looked_at: set[str] = set()
    mapping: Any = type(os.environ)
    getitem, iterate, shown = mapping.__getitem__, mapping.__iter__, warnings.showwarning

    def watched_getitem(self: Any, name: str) -> Any:  # `get` and `in` come here too
        looked_at.add(name)
        return getitem(self, name)

    def watched_iterate(self: Any) -> Any:
        looked_at.add("*")
        return iterate(self)

    mapping.__getitem__, mapping.__iter__ = watched_getitem, watched_iterate
    warnings.showwarning = lambda *_, **__: None
    try:
        for name in names:
            with suppress(Exception):  # it is not there, or wants something of the backend's
                __import__(name)
    finally:
        mapping.__getitem__, mapping.__iter__, warnings.showwarning = getitem, iterate, shown
    return looked_at


def serve(port: int, names: Iterable[str]) -> Program:
    """Take programs for as long as the sandbox lives; returns only in a fork, with the program that it is to become."""
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", port))
    listener.listen(16)  # whoever asks early waits until everything is imported
    looked_at = preload(names)
    _name_process(READY)
    alone = len(os.listdir("/proc/self/task")) == 1  # a fork takes one thread with it
    programs = Programs(listener)
    while True:
        for fd, _ in programs.poll.poll():
            if fd != listener.fileno():
                programs.told(fd)
                continue
            shim = _socket.socket(fileno=listener._accept()[0])  # type: ignore[attr-defined]
            shim.settimeout(ASK_SECONDS)
            try:
                pid, own = (int(word) for word in shim.recv(64).split())
                program = Program(pid, own, looked_at) if alone else None
            except (OSError, ValueError, Refused):
                program = None
            if program is None:
                shim.close()
            elif programs.start(shim):
                return program


class Programs:
    """The programs that run, each with the connection of the shim that stands for it."""

    def __init__(self, listener: _socket.socket) -> None:
        self.listener = listener
        self.poll = select.poll()
        self.poll.register(listener.fileno(), select.POLLIN)
        self.shims: dict[int, _socket.socket] = {}  # by descriptor
        self.running: dict[int, tuple[int, int]] = {}  # by pidfd: its process id, the descriptor of its shim

    def start(self, shim: _socket.socket) -> bool:
        """Fork; true in the fork, once the shim knows of it."""
        gate, opener = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.read(gate, 1)
            os.close(gate)
            for connection in (self.listener, shim, *self.shims.values()):
                connection.close()
            for pidfd in self.running:
                os.close(pidfd)
            return True
        pidfd = os.pidfd_open(child)
        shim.send(b"taken %d\n" % child)
        os.close(gate)
        os.close(opener)
        self.shims[shim.fileno()] = shim
        self.running[pidfd] = child, shim.fileno()
        self.poll.register(shim.fileno(), select.POLLIN)
        self.poll.register(pidfd, select.POLLIN)
        return False

    def told(self, fd: int) -> None:
        """A program has ended, which its shim hears; or a shim has: it was killed, and so is what it stood for."""
        self.poll.unregister(fd)
        if fd in self.running:
            child, of_shim = self.running.pop(fd)
            os.close(fd)
            status = os.waitpid(child, 0)[1]
            shim = self.shims.pop(of_shim, None)
            if shim is not None:
                self.poll.unregister(of_shim)
                with suppress(OSError):
                    shim.send(_ending(status))
                shim.close()
            return
        self.shims.pop(fd).close()
        for child, of_shim in self.running.values():
            if of_shim == fd:
                os.kill(child, KILL)


def _name_process(name: str) -> None:
    with open("/proc/self/comm", "w") as file:
        file.write(name[:15])


def _ending(status: int) -> bytes:
    if os.WIFSIGNALED(status):
        return b"killed %d\n" % os.WTERMSIG(status)
    return b"ended %d\n" % os.WEXITSTATUS(status)


# --- what is asked for -----------------------------------------------------------------------------------------------


class Program:
    """A program as the process of its shim describes it. Raises Refused where a real interpreter must run it."""

    def __init__(self, shim: int, own_descriptor: int, looked_at: set[str]) -> None:
        self.shim = shim
        place = f"/proc/{shim}/"
        command = [os.fsdecode(word) for word in _read(place + "cmdline").split(b"\0")[1:-1]]
        _check_descriptors(place, own_descriptor, command[0])
        self.folder = os.readlink(place + "cwd")
        self.status = _fields(_read(place + "status").decode())
        self.variables = _variables(_read(place + "environ"), shims=os.path.dirname(command[0]))
        self.module = self.command = self.script = ""
        self.arguments: Sequence[str] = ()
        self.no_bytecode = bool(self.variables.get("PYTHONDONTWRITEBYTECODE"))
        self.read_command(os.path.basename(command[0]), command[1:])
        self.path = self.read_path()
        self.check_variables(looked_at)
        self.check_modules()

    def read_command(self, name: str, arguments: list[str]) -> None:
        """What to run: an interpreter with arguments, or a script that names its interpreter in the first line."""
        place = _which(name, self.variables["PATH"])
        if name.startswith("python"):
            self.interpreter, self.original = place, [name, *arguments]
            self.read_flags(arguments)
        else:
            first_line = _read(place).split(b"\n", 1)[0]
            self.interpreter = os.fsdecode(first_line[2:].strip()) if first_line.startswith(b"#!/") else ""
            self.script, self.arguments = place, arguments
            self.original = [self.interpreter, place, *arguments]
        if os.path.realpath(self.interpreter) != os.path.realpath(sys.executable):
            raise Refused("another interpreter")
        path = os.path.join(self.folder, self.script)
        if self.script and (not os.path.isfile(path) or path.endswith((".pyc", ".zip", ".pyz"))):
            raise Refused("no script")

    def read_flags(self, arguments: list[str]) -> None:
        waiting = list(arguments)
        while waiting:
            word = waiting.pop(0)
            if not word.startswith("-"):
                self.script, self.arguments = word, waiting
                return
            for at, letter in enumerate(word[1:], start=2):
                if letter == "B":
                    self.no_bytecode = True
                elif letter in "mc":
                    value = word[at:] or (waiting.pop(0) if waiting else "")
                    if not value:
                        raise Refused("an argument is missing")
                    self.module, self.command = (value, "") if letter == "m" else ("", value)
                    self.arguments = waiting
                    return
                elif letter != "u" or not self.variables.get("PYTHONUNBUFFERED"):
                    raise Refused("a flag")
            if word == "-":
                raise Refused("a program on standard input")
        raise Refused("interactive")

    def read_path(self) -> list[str]:
        """What stands before the standard library in `sys.path`: the program's own place, then PYTHONPATH."""
        own = os.path.dirname(os.path.realpath(os.path.join(self.folder, self.script))) if self.script else self.folder
        given = self.variables.get("PYTHONPATH", "")
        added = [os.path.abspath(os.path.join(self.folder, part)) for part in given.split(":")] if given else []
        return ["" if self.command else own, *dict.fromkeys(added)]

    def check_variables(self, looked_at: set[str]) -> None:
        ours, theirs = dict(os.environ), self.variables
        changed = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
        for name in changed - OF_THE_SHELL - TAKEN_OVER:
            if name.startswith(READ_AT_START) or name in looked_at or "*" in looked_at:
                raise Refused("the variable " + name)

    def check_modules(self) -> None:
        """Refuse where a file of the backend's would be imported instead of a module that is here already.

        Looked at are the folders that will surely be searched; all folders below them where a source or an argument
        says that others may be.
        """
        here = {name.partition(".")[0] for name in sys.modules} - {name.partition(".")[0] for name in FRESH}
        searched = {path or self.folder for path in self.path} | {self.folder}
        searched = {path for path in searched if not path.startswith(sys.prefix + "/")}
        below, sources = _survey(searched)
        by_argument = any(word in argument for argument in self.arguments for word in CHANGES_PATH_BY_ARGUMENT)
        for folder in below if by_argument or _change_path(sources) else searched:
            if _module_names(folder) & (here | CUSTOMS):
                raise Refused("a module of that name")

    def become(self) -> ModuleType:
        """In the fork: be the process that a fresh interpreter would be; the module that its code is to run in."""
        from types import ModuleType

        self.take_over_process()
        sys.executable = self.interpreter
        with suppress(AttributeError):  # Python 3.9 has none
            sys.orig_argv[:] = self.original
        sys.dont_write_bytecode = self.no_bytecode
        sys.path[:] = [self.path[0], *dict.fromkeys([*self.path[1:], *sys.path])]
        ready = ModuleType("__main__")
        main: Any = ready
        main.__builtins__ = sys.modules["builtins"]
        main.__annotations__ = {}
        main.__loader__ = sys.modules["_frozen_importlib"].BuiltinImporter
        sys.modules["__main__"] = main
        if self.module:
            sys.argv[:] = ["-m", *self.arguments]
        elif self.command:
            sys.argv[:] = ["-c", *self.arguments]
        else:
            sys.argv[:] = [self.script, *self.arguments]
            path = os.path.abspath(self.script)
            main.__file__, main.__cached__ = path, None
            main.__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)
        return ready

    def take_over_process(self) -> None:
        """Group, limits, mask, ignored signals, folder and variables, as the shim was given them."""
        import resource
        import signal

        with suppress(OSError):  # of another session, which cannot be joined
            os.setpgid(0, os.getpgid(self.shim))
        for name in dir(resource):
            if name.startswith("RLIMIT_"):
                kind = getattr(resource, name)
                with suppress(OSError, ValueError):
                    resource.setrlimit(kind, resource.prlimit(self.shim, kind))
        _name_process(os.path.basename(self.script if self.original[0] == self.interpreter else self.original[0]))
        os.umask(int(self.status["Umask"], 8))
        ignored = int(self.status["SigIgn"], 16)
        for number in range(1, 32):
            # The shim is a bash, which ignores SIGQUIT whatever it was given.
            if ignored >> (number - 1) & 1 and number != signal.SIGQUIT:
                signal.signal(number, signal.SIG_IGN)
        os.chdir(self.folder)
        zone = os.environ.get("TZ")
        os.environ.clear()
        os.environ.update(self.variables)
        if zone != self.variables.get("TZ"):
            import time

            time.tzset()


def _check_descriptors(place: str, own: int, script: str) -> None:
    """Its standard streams must be ours; beside them, it has our connection and the script that it reads."""
    for _ in range(SETTLE_ATTEMPTS):  # bash, to write to us, has put our connection in the place of its standard output
        if _further_descriptors(place, own, script):
            select.select((), (), (), SETTLE_SECONDS)
        elif os.stat(f"{place}fd/1").st_ino != os.stat(f"{place}fd/{own}").st_ino:
            break
    else:
        raise Refused("further descriptors")
    for number in (0, 1, 2):
        theirs, ours = os.stat(f"{place}fd/{number}"), os.fstat(number)
        if (theirs.st_dev, theirs.st_ino, theirs.st_rdev) != (ours.st_dev, ours.st_ino, ours.st_rdev):
            raise Refused("other streams")


def _further_descriptors(place: str, own: int, script: str) -> bool:
    numbers = {int(name) for name in os.listdir(f"{place}fd")} - {0, 1, 2, own}
    with suppress(FileNotFoundError):  # closed while we looked
        return any(os.readlink(f"{place}fd/{number}") != script for number in numbers)
    return True


def _fields(text: str) -> dict[str, str]:
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def _variables(content: bytes, *, shims: str) -> dict[str, str]:
    """The variables of a process as they would be without the folder of the shims."""
    pairs = (os.fsdecode(part).partition("=") for part in content.split(b"\0") if b"=" in part)
    variables = {name: value for name, _, value in pairs}
    variables["PATH"] = variables.get("PATH", "").replace(shims + ":", "", 1)
    if variables.get("_", "").startswith(shims + "/"):
        variables["_"] = _which(os.path.basename(variables["_"]), variables["PATH"])
    return variables


def _which(name: str, path: str) -> str:
    for folder in path.split(":"):
        place = folder + "/" + name
        if folder and os.access(place, os.X_OK) and os.path.isfile(place):
            return place
    raise Refused("not found")


def _survey(folders: Iterable[str]) -> tuple[list[str], list[str]]:
    """All folders at and below the given ones, and the Python sources in them."""
    found: list[str] = []
    sources: list[str] = []
    entries = 0
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        found.append(folder)
        for entry in _entries(folder):
            entries += 1
            if entries > MOST_ENTRIES:
                raise Refused("too many files")
            if entry.name.endswith(".py"):
                sources.append(entry.path)
            elif entry.is_dir(follow_symlinks=False) and entry.name != "node_modules":
                waiting.append(entry.path)
    return found, sources


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # PYTHONPATH may name what is not there
        return []


def _change_path(sources: Iterable[str]) -> bool:
    """Whether a source says that it changes where modules are looked for."""
    total = 0
    for source in sources:
        content = _read(source)
        total += len(content)
        if total > MOST_SOURCE_BYTES:
            raise Refused("too much source")
        if any(word in content for word in CHANGES_PATH):
            return True
    return False


def _module_names(folder: str) -> set[str]:
    """What could be imported from a folder: modules and packages, but no folder that is a name space only."""
    names: set[str] = set()
    for entry in _entries(folder):
        stem, dot, _ = entry.name.partition(".")
        packed = not dot and any(os.path.exists(f"{entry.path}/__init__{end}") for end in (".py", ".pyc"))
        if packed or entry.name.endswith((".py", ".so", ".pyc")):
            names.add(stem)
    return names


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def run(main: ModuleType) -> None:
    """Run the program. An exception is told as ever, without our own frames, and is the exit status 1."""
    try:
        if program.module:
            import runpy

            runpy._run_module_as_main(program.module)  # type: ignore[attr-defined]  # what `python -m` calls
        elif program.command:
            exec(compile(program.command, "<string>", "exec", dont_inherit=True), main.__dict__)
        else:
            exec(compile(_read(sys.argv[0]), str(main.__file__), "exec", dont_inherit=True), main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _tell(error)


def _tell(error: BaseException) -> NoReturn:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)
    raise SystemExit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED) from None


if __name__ == "__main__":
    del sys.path[0]  # our own folder
    program = serve(int(sys.argv[1]), sys.argv[2:])
    run(program.become())
