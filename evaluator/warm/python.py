"""A Python sandbox that is started ahead: which modules are imported early, and how `python` finds who has them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

from evaluator.cache import atomic_folder, cache_root, reachable_file
from evaluator.sandbox.base import LaunchSpec, Mount

PLACE = "/run/amend"
PORT = 64831  # above what the system gives out by itself
# Imported early where the environment has them. Only what may be imported without settings, without an application and
# without starting anything: no drivers of event loops that patch the standard library, no collections of models.
STANDARD = """
    argparse asyncio base64 calendar concurrent.futures.thread configparser csv ctypes dataclasses datetime decimal
    difflib email.headerregistry email.message email.utils encodings.idna enum fractions getpass glob gzip hashlib hmac
    html http.client http.cookies http.server importlib.metadata importlib.resources inspect ipaddress json locale
    logging.config logging.handlers mimetypes multiprocessing.connection optparse pathlib pickle pkgutil platform pprint
    queue quopri random re runpy secrets selectors shlex shutil signal socket socketserver sqlite3 ssl statistics string
    stringprep subprocess tempfile textwrap threading traceback typing unicodedata urllib.request urllib.robotparser
    uuid weakref zipfile zoneinfo
"""
FRAMEWORKS = {
    "flask": "flask flask.cli flask.json.provider flask.testing",
    "werkzeug": "werkzeug.serving werkzeug.security werkzeug.exceptions werkzeug.routing",
    "flask_sqlalchemy": "flask_sqlalchemy",
    "flask_cors": "flask_cors",
    "flask_bcrypt": "flask_bcrypt",
    "flask_jwt_extended": "flask_jwt_extended",
    "flask_migrate": "flask_migrate",
    "flask_marshmallow": "flask_marshmallow",
    "jinja2": "jinja2 jinja2.ext",
    "fastapi": "fastapi fastapi.middleware.cors fastapi.security fastapi.responses fastapi.exceptions",
    "starlette": "starlette.applications starlette.middleware.cors starlette.staticfiles",
    "pydantic": "pydantic pydantic.networks pydantic.types pydantic.functional_serializers pydantic.alias_generators "
    "pydantic.plugin._loader pydantic_core",
    "pydantic_settings": "pydantic_settings",
    "uvicorn": "uvicorn uvicorn.main uvicorn.server uvicorn.protocols.http.auto uvicorn.protocols.websockets.auto "
    "uvicorn.loops.auto uvicorn.loops.uvloop uvicorn.lifespan.on uvicorn.logging uvicorn.supervisors",
    "uvloop": "uvloop",
    "httptools": "httptools",
    "websockets": "websockets websockets.legacy.server websockets.server",
    "watchfiles": "watchfiles",
    "gunicorn": "gunicorn.app.wsgiapp gunicorn.workers.sync gunicorn.workers.gthread gunicorn.glogging "
    "gunicorn.ctl.server",
    "waitress": "waitress waitress.runner",
    "hypercorn": "hypercorn hypercorn.asyncio",
    "aiohttp": "aiohttp aiohttp.web",
    "aiohttp_cors": "aiohttp_cors",
    "django": "django django.conf django.core.management django.core.management.commands.migrate "
    "django.core.management.commands.makemigrations django.core.wsgi "
    "django.core.asgi django.core.handlers.wsgi django.core.validators django.core.cache.backends.locmem django.db "
    "django.db.models django.db.migrations django.db.backends.sqlite3.base django.db.backends.postgresql.base "
    "django.http django.urls django.shortcuts django.utils.timezone django.views.defaults django.views.decorators.csrf "
    "django.middleware.common django.middleware.csrf django.contrib.auth.hashers "
    "django.contrib.auth.password_validation",
    "corsheaders": "corsheaders",
    "sqlalchemy": "sqlalchemy sqlalchemy.orm sqlalchemy.ext.asyncio sqlalchemy.ext.declarative "
    "sqlalchemy.ext.hybrid sqlalchemy.dialects.postgresql sqlalchemy.dialects.sqlite sqlalchemy.pool sqlalchemy.exc",
    "sqlmodel": "sqlmodel",
    "alembic": "alembic alembic.config alembic.command",
    "databases": "databases",
    "peewee": "peewee",
    "tortoise": "tortoise",
    "psycopg": "psycopg psycopg.rows psycopg.types.json",
    "psycopg_pool": "psycopg_pool",
    "psycopg2": "psycopg2 psycopg2.extras psycopg2.pool psycopg2.extensions psycopg2.sql",
    "asyncpg": "asyncpg",
    "aiosqlite": "aiosqlite",
    "jwt": "jwt",
    "jose": "jose jose.jwt",
    "authlib": "authlib.jose",
    "cryptography": "cryptography.hazmat.primitives.hashes cryptography.hazmat.primitives.asymmetric.rsa "
    "cryptography.hazmat.primitives.asymmetric.ec cryptography.hazmat.primitives.serialization cryptography.x509",
    "passlib": "passlib.context passlib.hash passlib.handlers.bcrypt passlib.handlers.argon2 passlib.handlers.pbkdf2",
    "bcrypt": "bcrypt",
    "argon2": "argon2",
    "pwdlib": "pwdlib pwdlib.hashers.argon2",
    "marshmallow": "marshmallow",
    "attr": "attr attrs",
    "cerberus": "cerberus",
    "jsonschema": "jsonschema",
    "slugify": "slugify",
    "email_validator": "email_validator",
    "dns": "dns.resolver",
    "multipart": "multipart",
    "python_multipart": "python_multipart python_multipart.multipart",
    "dotenv": "dotenv",
    "yaml": "yaml",
    "orjson": "orjson",
    "httpx": "httpx",
    "requests": "requests",
    "click": "click",
    "rich": "rich",
    "dependency_injector": "dependency_injector.containers dependency_injector.providers",
    "injector": "injector",
    "dateutil": "dateutil.parser",
    "pytz": "pytz",
}
# Libraries that change the standard library before it is used: nothing may be imported before they had their turn.
PATCHES = ("gevent", "eventlet")


def warmed(spec: LaunchSpec) -> tuple[LaunchSpec, tuple[str, ...]] | None:
    """The launch with a shim in front of `python`, and the command that waits behind it; None where that cannot be."""
    mount = next((mount for mount in spec.mounts if mount.target == "/env"), None)
    if mount is None or not (mount.source / "bin" / "python").is_symlink():
        return None
    packages = next(mount.source.glob("lib/python3.*/site-packages"), None)
    if packages is None or any((packages / name).exists() for name in PATCHES):
        return None
    present = {path.name.partition(".")[0] for path in packages.iterdir()}
    names = [name for package, names in FRAMEWORKS.items() if package in present for name in names.split()]
    shims = _shims(frozenset(_shimmed(mount.source / "bin")))
    waiting = ("/env/bin/python", f"{PLACE}/zygote.py", str(PORT), *STANDARD.split(), *names)
    ours = (Mount(shims, f"{PLACE}/bin"), Mount(_zygote_program(), f"{PLACE}/zygote.py"))
    environment = dict(spec.environment)
    environment["PATH"] = f"{PLACE}/bin:{environment['PATH']}"
    return replace(spec, environment=environment, mounts=(*spec.mounts, *ours)), waiting


def _shimmed(programs: Path) -> list[str]:
    """Names in /env/bin that are the interpreter, or scripts that it runs."""
    found = []
    for path in programs.iterdir():
        if path.name.startswith("python"):
            found.append(path.name)
        elif path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(17).startswith(b"#!/env/bin/python"):
                    found.append(path.name)
    return found


@cache
def _shims(names: frozenset[str]) -> Path:
    """A folder with a shim for each of these names, made once per set."""
    text = Path(__file__).with_name("shim.sh").read_text().replace("@PORT@", str(PORT))
    key = hashlib.sha256("\0".join([text, *sorted(names)]).encode()).hexdigest()[:16]
    folder = cache_root() / "tools" / f"shims-{key}"
    if not folder.exists():
        with atomic_folder(folder) as building:
            for name in names:
                (building / name).write_text(text)
                (building / name).chmod(0o755)
    return folder


@cache
def _zygote_program() -> Path:
    return reachable_file(Path(__file__).with_name("zygote.py"))
