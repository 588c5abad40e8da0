"""A cheap imitation of many people who type: raw sockets, one loop, bodies that are made once for all of them."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tests.bench.site import Writer

CSRF = "b" * 32
# What Chromium sends along from the workspace.
HEADERS = (
    "Host: 127.0.0.1:{port}\r\nConnection: keep-alive\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36\r\n"
    f"Content-Type: application/json\r\nX-CSRFToken: {CSRF}\r\nAccept: */*\r\nSec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://127.0.0.1:{port}/sessions/{session}/repair/\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en\r\n"
    f"Cookie: csrftoken={CSRF}; sessionid={{cookie}}\r\n"
)


class Typist:
    """A person whose page sends batches over one connection; `first` is the number of the next entry."""

    def __init__(self, port: int, writer: Writer) -> None:
        head = f"POST /sessions/{writer.session}/events HTTP/1.1\r\n{HEADERS}Content-Length: "
        self.head = head.format(port=port, session=writer.session, cookie=writer.cookie).encode()
        self.token = writer.token
        self.first = 1
        self.sent_at = 0.0
        self.size = 0
        self.heard = b""
        self.port = port
        self.socket: socket.socket | None = None

    def connect(self) -> socket.socket:
        """A new connection: the server closes one on which nothing was said for some seconds."""
        self.heard = b""
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        return self.socket

    def disconnect(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def send(self, size: int, due: float) -> None:
        """A batch of so many entries, which was due at this moment: from then on its time counts."""
        body = batch(self.token, self.first, size)
        self.sent_at, self.size = due, size
        assert self.socket is not None
        self.socket.sendall(b"%s%d\r\n\r\n%s" % (self.head, len(body), body))

    def hear(self) -> bool:
        """Whether the answer is complete. Raises RuntimeError where it is not that the batch was stored."""
        assert self.socket is not None
        more = self.socket.recv(4096)
        self.heard += more
        last = self.first + self.size - 1
        if self.heard.startswith(b"HTTP/1.1 200") and self.heard.endswith(b"%d}" % last):
            self.heard, self.first = b"", last + 1
            return True
        if not more or not self.heard.startswith(b"HTTP/1.1 200") or self.heard.endswith(b"}"):
            raise RuntimeError(f"The server answered {self.heard[:600]!r}")
        return False


@lru_cache(maxsize=64)
def batch(token: int, first: int, size: int) -> bytes:
    """Somebody types: each entry puts one letter at the end of app.py."""
    now = 1_760_000_000_000
    events = ",".join(
        f'{{"seq":{seq},"at":{now + 200 * seq},"mono":{200 * seq},"page":"bench","kind":"edit","path":"app.py",'
        f'"changes":[{f"{seq - 1}," if seq > 1 else ""}[0,"x"]],"user":"input.type"}}'
        for seq in range(first, first + size)
    )
    head = json.dumps({"client": "bench", "token": token, "first": first, "sent_at": now})
    return f'{head[:-1]},"events":[{events}]}}'.encode()


@dataclass
class Load:
    """Seconds that each batch took until its answer, how long all took, and what making the load cost."""

    taken: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    processor_seconds: float = 0.0


def first_batches(typists: Sequence[Typist], *, at_once: int = 16) -> None:
    """One entry of each, a few people at a time: the server reads a sign-in when it meets it for the first time."""
    for start in range(0, len(typists), at_once):
        some = typists[start : start + at_once]
        for typist in some:
            typist.connect()
            typist.send(1, time.monotonic())
        for typist in some:
            while not typist.hear():
                pass
            typist.disconnect()


def one_after_another(typists: Sequence[Typist], *, size: int, seconds: float) -> Load:
    """Closed loop: each sends the next batch when the last was answered."""
    return _run(typists, size=size, seconds=seconds, every=None)


def each_second(typists: Sequence[Typist], *, size: int, seconds: float) -> Load:
    """Open loop: each sends a batch every second, at moments of their own, however long the last one took.

    Where the last is not answered yet, as in the browser, the next one waits; its time counts from when it was due.
    """
    return _run(typists, size=size, seconds=seconds, every=1.0)


def _run(typists: Sequence[Typist], *, size: int, seconds: float, every: float | None) -> Load:
    load = Load()
    selector = selectors.EpollSelector()
    for typist in typists:
        selector.register(typist.connect(), selectors.EVENT_READ, typist)
    cost, began = time.process_time(), time.monotonic()
    until = began + seconds
    # Who is to send next, soonest first: all wait equally long, so that who has sent goes to the end.
    step = (every or 0.0) / len(typists)
    due = [(began + step * place, typist) for place, typist in enumerate(typists)]
    place = 0
    busy: set[Typist] = set()
    while True:
        now = time.monotonic()
        while place < len(due) and due[place][0] <= now and due[place][0] < until:
            moment, typist = due[place]
            if typist in busy:
                break
            place += 1
            typist.send(size, moment)
            busy.add(typist)
            if every is not None:
                due.append((moment + every, typist))
        if not busy and (place == len(due) or due[place][0] >= until):
            break
        if place < len(due) and due[place][0] < until and due[place][1] not in busy:
            patience = max(0.0, due[place][0] - time.monotonic())
        else:
            patience = 30.0
        heard = selector.select(patience)
        if not heard and patience == 30.0:
            raise RuntimeError("No answer for half a minute.")
        for key, _ in heard:
            typist = key.data
            if not typist.hear():
                continue
            now = time.monotonic()
            load.taken.append(now - typist.sent_at)
            busy.discard(typist)
            if every is None and now < until:
                due.append((now, typist))
    load.elapsed = time.monotonic() - began
    load.processor_seconds = time.process_time() - cost
    for key in list(selector.get_map().values()):
        key.data.disconnect()
    selector.close()
    return load
