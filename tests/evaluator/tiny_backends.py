"""Backends of a few lines for tests of the machinery: no dependencies, so that one environment serves them all."""

from __future__ import annotations

from evaluator.sandbox import LaunchSpec, Limits, Sandbox
from evaluator.sandbox.interpreter import backend_python
from evaluator.tasks import task_by_id

PYTHON_TASK = task_by_id("uv-flask-openapi-unconstrained")
SERVER = b"""
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked for", self.path, flush=True)
        self.send_response(200 if self.path == "/api/health-check" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT = do_DELETE = do_GET

http.server.ThreadingHTTPServer((sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1", 8080), Handler).serve_forever()
"""
HEALTHY = {"run.sh": b"exec python3 server.py\n", "requirements.txt": b"", "server.py": SERVER}
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "PYTHONUNBUFFERED": "1"}


def python_spec(code: str, **fields: object) -> LaunchSpec:
    """A launch of one Python program on the bare interpreter."""
    interpreter = backend_python()
    values: dict[str, object] = {
        "argv": (str(interpreter.program), "-I", "-u", "program.py"),
        "files": {"program.py": code.encode()},
        "environment": PATH,
        "limits": Limits(memory=256 * 2**20, processes=64, files_size=32 * 2**20, temporary_size=16 * 2**20),
    }
    return LaunchSpec(**(values | fields))  # type: ignore[arg-type]


def printed(sandbox: Sandbox, code: str, seconds: float = 20, **fields: object) -> str:
    """What a Python program prints in the sandbox until it ends."""
    with sandbox.launch(python_spec(code, **fields)) as running:
        assert running.wait(seconds), running.log()
        return running.log()
