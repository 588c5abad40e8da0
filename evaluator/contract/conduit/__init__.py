"""The contract Conduit: one file of checks per resource, and the order in which they are reported."""

from __future__ import annotations

from evaluator.contract.checks import Contract
from evaluator.contract.conduit import (
    account,
    articles,
    authentication,
    comments,
    concurrency,
    favorites,
    lists,
    profiles,
    server,
    tags,
    text,
    users,
)
from evaluator.contract.conduit.world import World

CONDUIT = Contract(
    name="conduit",
    checks=(
        *server.check,
        *users.check,
        *authentication.check,
        *account.check,
        *profiles.check,
        *articles.check,
        *lists.check,
        *comments.check,
        *favorites.check,
        *tags.check,
        *text.check,
        *concurrency.check,
    ),
    world=World,
    starts="server.starts",
    answers="server.answers",
    opening=("server.starts", "users.register.token", "auth.token-scheme"),
)
