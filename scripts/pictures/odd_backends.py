"""Backends that no generator wrote, for the states of a page that good data never shows."""

from __future__ import annotations

import json
import secrets
from typing import Any

TOO_LONG = "too-long"
TASK = "uv-flask-openapi-unconstrained"
LONG_NAME = "a_module_whose_name_says_everything_that_it_does_because_somebody_asked_for_descriptive_names_everywhere"
MESSAGE = (
    "The configuration value ARTICLE_LISTING_DEFAULT_PAGE_SIZE_FOR_ANONYMOUS_VISITORS of the environment "
    "https://configuration.example/production/eu-central/articles/listing?version=2026-11-25T22:30:00Z is not a number"
)


def never_run() -> str:
    """The name of a backend that was imported and never judged."""
    name = f"never-run-{secrets.token_hex(2)}"
    # Runs belong to files, not to names: the same files would show the verdict of the demo's own backend.
    _import(name, _flask() | {"README.md": f"# {name}\n".encode()})
    return name


def make_too_long() -> None:
    """A backend that does not start and says so at length; with long names and a file too large to edit."""
    from runs.evaluation import request_run
    from runs.models import RunPurpose
    from studies.models import Backend

    if Backend.objects.filter(name=TOO_LONG).exists():
        return
    files = _flask()
    path = f"app/{LONG_NAME}/{LONG_NAME}_and_more.py"
    files[path] = f"def configure() -> None:\n    raise RuntimeError({MESSAGE!r})\n".encode()
    files["wsgi.py"] = (
        f"from app.{LONG_NAME}.{LONG_NAME}_and_more import configure\n\nconfigure()\n".encode() + files["wsgi.py"]
    )
    articles = [{"slug": f"article-{number}", "title": f"Article {number}"} for number in range(12_000)]
    files["app/large.json"] = json.dumps(articles, indent=1).encode()
    backend = _import(TOO_LONG, files)
    request_run(snapshot=backend.snapshot, task_id=TASK, purpose=RunPurpose.BASELINE)


def _flask() -> dict[str, bytes]:
    from evaluator.files import read_tree
    from studies.demo_study import DEMO

    return dict(read_tree(DEMO / "backends" / TASK))


def _import(name: str, files: dict[str, bytes]) -> Any:
    from studies.imports import import_backend
    from studies.models import Study

    study = Study.objects.get(slug="conduit-pilot")
    return import_backend(study=study, files=files, task_id=TASK, name=name, generator={"label": "by hand"})
