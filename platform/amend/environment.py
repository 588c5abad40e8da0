"""Typed readers of environment variables: a wrong value stops the start with a sentence, never a guess."""

from __future__ import annotations

import os
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def boolean(name: str, default: bool) -> bool:
    """1/0, true/false, yes/no; anything else is refused."""
    value = os.environ.get(name, "yes" if default else "no").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not “{value}”.")


def words(name: str, default: str) -> list[str]:
    """Words separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def postgres(url: str) -> dict[str, object]:
    """Django's database settings for a `postgresql://` address; a socket directory stands in `?host=`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://; the site runs on PostgreSQL only.")
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "amend",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or query.get("host", [""])[0],
        "PORT": str(parts.port or ""),
    }
