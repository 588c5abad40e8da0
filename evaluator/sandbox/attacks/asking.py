"""One request by our own bounded client, with limits small enough to see them hold."""

from __future__ import annotations

import asyncio

from evaluator.contract.client import Client, Limits, Response, Transport

SECONDS = 1.5
MEGABYTE = 1024 * 1024
LIMITS = Limits(seconds=SECONDS, wire_bytes=MEGABYTE, header_bytes=64 * 1024, decoded_bytes=MEGABYTE)


def ask(transport: Transport, target: str, limits: Limits = LIMITS) -> Response:
    """The answer to `GET target`. Raises NoAnswer."""

    async def exchange() -> Response:
        client = Client(transport, limits)
        try:
            return await client.request("GET", target, {"Host": "localhost"})
        finally:
            await client.close()

    return asyncio.run(exchange())
