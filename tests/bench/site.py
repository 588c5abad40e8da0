"""The web server of the site alone, on a database of its own, with people whose sessions can be written."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amend.web import web_process

ROOT = Path(__file__).resolve().parent.parent.parent

MAKE = """
import json
from datetime import timedelta
from django.conf import settings
from django.core.management import call_command
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from accounts.models import Person, Role
from annotations.models import RepairSession
from studies.imports import import_backend
from studies.models import Assignment, Membership, Study
call_command("migrate", verbosity=0)
study = Study.objects.create(name="Bench", slug="bench")
backend = import_backend(
    study=study, files={{"app.py": b"", "run.sh": b"x", "requirements.txt": b""}},
    task_id="uv-flask-openapi-unconstrained",
)
numbers = range({people})
people = Person.objects.bulk_create(
    Person(username=f"p{{number}}", password="!", role=Role.ANNOTATOR, pseudonym=f"P{{number}}") for number in numbers
)
Membership.objects.bulk_create(Membership(study=study, person=person) for person in people)
assigned = Assignment.objects.bulk_create(
    Assignment(backend=backend, annotator=person, position=1) for person in people
)
sessions = RepairSession.objects.bulk_create(
    RepairSession(assignment=one, generated=backend.snapshot, client="bench", token=1) for one in assigned
)
expires = timezone.now() + timedelta(days=1)
contents = [
    {{
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }}
    for person in people
]
encode = Session.get_session_store_class()().encode
cookies = Session.objects.bulk_create(
    Session(session_key=f"bench{{number:027d}}", expire_date=expires, session_data=encode(contents[number]))
    for number in numbers
)
made = [[session.pk, 1, cookie.session_key] for session, cookie in zip(sessions, cookies)]
print("MADE" + json.dumps(made))
"""


@dataclass(frozen=True)
class Writer:
    """A repair session with its fencing token and the cookie of the person who may write it."""

    session: int
    token: int
    cookie: str


@dataclass
class Server:
    """The web server: where it listens, its process, and who may write."""

    port: int
    process: subprocess.Popen[Any]
    writers: list[Writer]


@contextmanager
def web_server(*, people: int) -> Iterator[Server]:
    """One web process as `manage.py up` starts it, with embedded engines in a folder that is thrown away."""
    state = Path(tempfile.mkdtemp(prefix="amend-bench-"))
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "BROKER_URL"}}
    environment |= {"AMEND_STATE": str(state), "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    # Holds the engines for as long as the measurement takes.
    engines = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\nfrom amend.engines import *\nfrom amend.engines import _cluster\nstart_embedded_engines()\n"
            "print(database_url(), broker_url(), _cluster().folder, flush=True)\nsys.stdin.read()",
        ],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    server = cluster = None
    try:
        assert engines.stdout is not None
        database, broker, cluster = engines.stdout.readline().split()
        environment |= {"DATABASE_URL": database, "BROKER_URL": broker}
        shell = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", MAKE.format(people=people)]
        made = subprocess.run(shell, env=environment, capture_output=True, text=True, check=True)
        port = _free_port()
        web = web_process(host="127.0.0.1", port=port, patience_seconds=1)
        server = subprocess.Popen(web, env=environment, cwd=ROOT)
        _wait_for(port)
        writers = [Writer(*row) for row in json.loads(made.stdout.rpartition("MADE")[2])]
        yield Server(port, server, writers)
    finally:
        if server is not None:
            server.terminate()
            server.wait(timeout=10)
        engines.communicate()
        # Started by root, the database is not below that folder but where its own account may enter.
        for folder in filter(None, (cluster, state)):
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("The web server did not start.")
