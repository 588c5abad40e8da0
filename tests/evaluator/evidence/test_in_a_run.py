"""A whole evaluation sees where a backend really stored its data, whatever its text says."""

from __future__ import annotations

import pytest

from evaluator.evaluate import evaluate
from evaluator.tasks import FURTHER_CONSTRAINTS, task_by_id, with_constraints
from evaluator.verdict import Finding, Verdict

pytestmark = [pytest.mark.sandbox, pytest.mark.engines]
# Registers whom it is asked to, and answers nothing else of the contract.
REGISTERING = b"""
import http.server, json, sqlite3

MEMORY = []
@setup@

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, document):
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self.answer(200 if self.path == "/api/health-check" else 404, {})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        user = asked.get("user", {})
        if self.path != "/api/users" or "username" not in user:
            self.answer(404, {})
            return
        @store@
        self.answer(201, {"user": {"email": user["email"], "username": user["username"], "token": "t",
                                   "bio": None, "image": None}})

    do_PUT = do_DELETE = do_GET

http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""
SQLITE = b"""
def connect(path="app.db"):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, email TEXT, author_id INT)")
    return connection

def store(user, path="app.db"):
    with connect(path) as connection:
        connection.execute("INSERT INTO users (email) VALUES (?)", (str(user["email"]),))

connect().close()
"""
POSTGRES = b"""
import psycopg
connection = psycopg.connect("postgresql://user:password@postgres:5432/conduit", autocommit=True)
connection.execute("CREATE TABLE IF NOT EXISTS users (id serial PRIMARY KEY, email text UNIQUE)")

def store_there(user):
    connection.execute("INSERT INTO users (email) VALUES (%s) ON CONFLICT DO NOTHING", (str(user["email"]),))
"""
IN_MEMORY, IN_SQLITE, IN_POSTGRES = b"MEMORY.append(user)", b"store(user)", b"store_there(user)"


def judged(task_id: str, setup: bytes, stores: bytes, requirements: bytes = b"") -> Verdict:
    files = {
        "run.sh": b"exec python server.py\n",
        "requirements.txt": requirements,
        "server.py": REGISTERING.replace(b"@setup@", setup).replace(b"@store@", stores),
    }
    task = with_constraints(task_by_id(task_id), [FURTHER_CONSTRAINTS["keys"]])
    verdict = evaluate(files, task, sandbox="bubblewrap", run_seconds=120)
    assert verdict.started, verdict.start_error
    assert not verdict.summary.void
    return verdict


def seen_in_run(verdict: Verdict) -> dict[str, Finding]:
    return {finding.rule: finding for finding in verdict.findings if finding.seen == "run"}


def test_a_backend_that_writes_no_row_into_its_sqlite_file_is_seen() -> None:
    verdict = judged("uv-flask-openapi-sqlite", SQLITE, IN_MEMORY)
    found = seen_in_run(verdict)
    assert found["D3"].certainty == "certain"
    assert "stayed empty" in found["D3"].message
    assert verdict.conformance["sqlite"] == "violated"


def test_a_backend_that_stores_in_its_sqlite_file_conforms_and_its_real_keys_are_read() -> None:
    verdict = judged("uv-flask-openapi-sqlite", SQLITE, IN_SQLITE)
    found = seen_in_run(verdict)
    assert verdict.conformance["sqlite"] == "conforming"
    assert set(found) == {"K1", "K2"}
    assert "“author_id” of the table “users” in “app/app.db”" in found["K1"].message
    assert (found["K1"].path, found["K1"].line) == ("server.py", 8)
    assert verdict.conformance["keys"] == "violated"


def test_a_backend_that_opens_postgresql_and_keeps_everything_in_memory_is_seen() -> None:
    verdict = judged("uv-flask-openapi-postgres", POSTGRES, IN_MEMORY, b"psycopg[binary]\n")
    found = seen_in_run(verdict)
    assert found["D3"].certainty == "certain"
    assert "PostgreSQL stayed empty: no table of it holds a row (users)" in found["D3"].message
    assert verdict.conformance["postgres"] == "violated"


def test_a_backend_without_any_table_has_no_keys() -> None:
    verdict = judged("uv-flask-openapi-unconstrained", b"", IN_MEMORY)
    assert seen_in_run(verdict)["K1"].certainty == "certain"
    assert verdict.conformance == {"keys": "violated"}


def test_rows_in_a_sqlite_file_beside_postgresql_are_seen() -> None:
    in_both = b"store_there(user); store(user, '/tmp/shadow')"
    verdict = judged("uv-flask-openapi-postgres", SQLITE + POSTGRES, in_both, b"psycopg[binary]\n")
    shadow = [one for one in verdict.findings if one.seen == "text" and one.rule == "D2"]
    assert shadow, "the text sees it as well, so that the run says nothing more"
    assert "D4" not in seen_in_run(verdict)
    assert verdict.conformance["postgres"] == "violated"


def test_a_backend_whose_rows_reach_postgresql_conforms_whatever_its_text_hides() -> None:
    hidden = POSTGRES.replace(
        b'"postgresql://user:password@postgres:5432/conduit"', b"bytes.fromhex('@address@').decode()"
    )
    address = b"postgresql://user:password@postgres:5432/conduit".hex().encode()
    verdict = judged(
        "uv-flask-openapi-postgres", hidden.replace(b"@address@", address), IN_POSTGRES, b"psycopg[binary]\n"
    )
    assert verdict.conformance["postgres"] == "conforming"
    assert not {"D1", "D3", "D4"} & {one.rule for one in verdict.findings}


def test_a_backend_that_does_not_start_gives_no_evidence() -> None:
    files = {"run.sh": b"exit 1\n", "requirements.txt": b"", "server.py": SQLITE}
    verdict = evaluate(files, task_by_id("uv-flask-openapi-sqlite"), sandbox="bubblewrap")
    assert not verdict.started
    assert not seen_in_run(verdict)
