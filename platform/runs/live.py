"""News of runs for open pages: published through the broker's server, read by the event stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio

from amend.engines import broker_url
from runs.models import Run


def address() -> str:
    """The broker's address as the redis client writes it."""
    return broker_url().replace("redis+socket://", "unix://")


def channel(run_id: int) -> str:
    return f"amend:run:{run_id}"


def run_news(run: Run) -> dict[str, Any]:
    """What a page shows of a run in progress: purpose, state, whether it has results, stage, counts, a sentence."""
    return {"run": run.pk, "purpose": run.purpose, "state": run.state, "results": run.has_results, **run.progress}


def publish(run: Run) -> None:
    """Tell every page that watches this run. The row is the record: a message that is lost changes nothing."""
    tell(channel(run.pk), run_news(run))


def tell(channel_name: str, news: Mapping[str, Any]) -> None:
    """Send news to whoever listens on a channel."""
    try:
        client().publish(channel_name, json.dumps(news))
    except redis.RedisError:
        # Pages poll the row when no news arrives.
        return


def keep(key: str, content: Mapping[str, Any], *, seconds: int) -> None:
    """Keep something for pages that come later; it is forgotten after `seconds`."""
    try:
        client().set(key, json.dumps(content), ex=seconds)
    except redis.RedisError:
        return


_clients: dict[tuple[str, float], redis.Redis] = {}


def client(*, wait_seconds: float = 0) -> redis.Redis:
    """The broker's server; for a command that waits there, with that time on top of the usual two seconds."""
    key = address(), wait_seconds
    if key not in _clients:
        _clients[key] = redis.Redis.from_url(key[0], socket_timeout=2 + wait_seconds)
    return _clients[key]
