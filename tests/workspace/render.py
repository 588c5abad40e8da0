"""Renders a page of the workspace as Django does, with `pages/` in place of the site's fragments: `render.py NAME`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def render(name: str) -> str:
    """The page with a session and a task in it."""
    import django
    from django.conf import settings
    from django.template.backends.django import DjangoTemplates

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amend.settings")
    django.setup()
    site = settings.TEMPLATES[0]
    engine = DjangoTemplates(
        {
            "NAME": "workspace",
            "APP_DIRS": False,
            "DIRS": [HERE / "pages", *site["DIRS"]],
            "OPTIONS": {"builtins": site["OPTIONS"]["builtins"]},
        }
    )
    constraints = [{"title": title} for title in ("clean architecture", "SQLite", "SQLAlchemy")]
    page = engine.get_template(name).render(
        {
            "session": {"id": 12},
            "assignment": {"position": 4, "total": 8},
            "task": {"title": "Conduit on FastAPI", "level": 3, "constraints": constraints},
            "backend": "Conduit on FastAPI",
            "run": {"id": 7},
        }
    )
    return str(page)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    print(render(sys.argv[1]))
