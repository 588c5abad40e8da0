"""A small to-do server that keeps the contract Todos in SQLite, and the faults one can give it.

It is a backend too: started as a program it serves on port 8080, or on that of the variable PORT, and keeps its data in
the file todos.db. Each fault is one text in `Todos(faults…)`, or one argument of the program.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]
TABLE = """
CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, position INTEGER, done INTEGER)
"""


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Todos:
    """The store and its rules; `answer` is the whole interface."""

    def __init__(self, *faults: str, path: str = ":memory:") -> None:
        self.faults = set(faults)
        self.lock = threading.Lock()
        self.store = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.store.execute(TABLE)

    def has(self, fault: str) -> bool:
        return fault in self.faults

    def answer(self, method: str, target: str, authorization: str = "", raw: bytes = b"") -> Answer:
        """Status and body (None for none) of the answer to one request."""
        path = target.split("?")[0].strip("/").split("/")
        try:
            with self.lock:
                return self.route(method, path, raw)
        except Refused as refused:
            return refused.status, {"error": "refused"}

    def route(self, method: str, path: list[str], raw: bytes) -> Answer:
        match method, path:
            case "GET", ["todos"]:
                rows = self.store.execute("SELECT * FROM todos").fetchall()
                shown = [
                    self.shown(row) for row in rows if row[2] is None or not self.has("ordered ones are not listed")
                ]
                if self.has("everything is listed twice"):
                    shown += shown
                if self.has("the list has no urls"):
                    shown = [item | {"url": "/todos"} for item in shown]
                if self.has("the list is an object"):
                    return 200, {"todos": shown}
                return (206 if self.has("the list is a 206") else 200), shown
            case "POST", ["todos"]:
                return self.write(self.sent(raw))
            case "GET", ["todos", id]:
                shown = self.shown(self.row(id, 500 if self.has("odd ids crash") and not id.isdigit() else 404))
                if self.has("reading leaves out completed"):
                    del shown["completed"]
                if self.has("everything is read as open"):
                    shown["completed"] = False
                return (203 if self.has("reading is a 203") else 200), shown
            case "PATCH", ["todos", id]:
                return self.change(self.row(id, 400 if self.has("unknown changes are a 400") else 404), self.sent(raw))
            case "DELETE", ["todos", id]:
                return self.delete(id)
        raise Refused(404)

    def sent(self, raw: bytes) -> dict[str, Any]:
        try:
            sent = json.loads(raw)
        except ValueError:
            raise Refused(500 if self.has("malformed JSON crashes") else 400) from None
        if not isinstance(sent, dict):
            raise Refused(400)
        number = sent.get("order", 0)
        if not isinstance(number, int) or isinstance(number, bool) or abs(number) > 2**53:
            raise Refused(400)
        if not isinstance(sent.get("completed", False), bool):
            raise Refused(400)
        if "title" in sent and not isinstance(sent["title"], str):
            if not self.has("any title is taken"):
                raise Refused(400)
            sent["title"] = str(sent["title"])
        return sent

    def row(self, id: str, status: int = 404) -> Any:
        if self.has("an unknown to-do is a 410") and id == "987654321":
            raise Refused(410)
        row = self.store.execute("SELECT * FROM todos WHERE id = ?", (id,)).fetchone() if id.isdigit() else None
        if row is None:
            raise Refused(status)
        return row

    def write(self, sent: dict[str, Any]) -> Answer:
        if "title" not in sent and not self.has("no title is needed"):
            raise Refused(400)
        title = sent.get("title", "")
        if self.has("emoji crash") and any(ord(letter) > 0xFFFF for letter in title):
            raise Refused(500)
        if self.has("markup is escaped"):
            title = title.replace("<", "&lt;")
        if self.has("quotes are doubled"):
            title = title.replace("');", "'');")
        if self.has("long titles are cut"):
            title = title[:255]
        if self.has("titles are trimmed"):
            title = title.split(" ")[0]
        values = (title, None if self.has("the order is lost") else sent.get("order"), self.has("new ones are done"))
        number = self.store.execute("INSERT INTO todos (title, position, done) VALUES (?, ?, ?)", values).lastrowid
        shown = self.shown(self.row(str(number)))
        if self.has("writing answers without url"):
            del shown["url"]
        if self.has("writing answers a wrong url"):
            shown["url"] = "/todos/0"
        if self.has("every url is the first"):
            shown["url"] = "/todos/1"
        if self.has("writing answers done as a number"):
            shown["completed"] = 0
        return (200 if self.has("writing is a 200") else 201), shown

    def change(self, row: Any, sent: dict[str, Any]) -> Answer:
        id, title, position, done = row
        if self.has("a change clears the title"):
            title = ""
        if self.has("a change clears the order"):
            position = None
        if self.has("a change opens again"):
            done = False
        title = sent.get("title", title)
        position = sent.get("order", position)
        done = sent.get("completed", done) or (self.has("nothing opens again") and done)
        where = "1 = 1 OR id = ?" if self.has("a change reaches all") else "id = ?"
        if not self.has("changes are not kept"):
            self.store.execute(
                f"UPDATE todos SET title = ?, position = ?, done = ? WHERE {where}", (title, position, done, id)
            )
        if self.has("titles do not change"):
            self.store.execute("UPDATE todos SET title = ? WHERE id = ?", (row[1], id))
        shown = self.shown(row if self.has("a change answers the old") else (id, title, position, done))
        if self.has("a change moves it"):
            shown["url"] += "0"
        if self.has("a change answers without title"):
            del shown["title"]
        return (202 if self.has("changing is a 202") else 200), shown

    def delete(self, id: str) -> Answer:
        position = None
        if not self.has("deleting what is unknown is a 204"):
            position = self.row(id, 500 if self.has("deleting twice crashes") else 404)[2]
        if self.has("deleting reaches all of its order"):
            self.store.execute("DELETE FROM todos WHERE position = ?", (position,))
        if not self.has("deletes do nothing"):
            self.store.execute("DELETE FROM todos WHERE id = ?", (id,))
        return (202 if self.has("deleting is a 202") else 204), None

    def shown(self, row: Any) -> dict[str, Any]:
        id, title, position, done = row
        return {"title": title, "order": position, "completed": bool(done), "url": f"http://localhost:8080/todos/{id}"}


def serve(todos: Todos, port: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = todos.answer(self.command, self.path, "", raw)
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(Todos(*sys.argv[1:], path="todos.db"), int(os.environ.get("PORT", "8080")))
