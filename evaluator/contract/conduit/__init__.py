"""The contract Conduit: one file of checks per resource, and the order in which they are reported."""

from __future__ import annotations

from evaluator.contract.checks import Contract
from evaluator.contract.conduit import (
    account,
    article_changes,
    article_deletion,
    articles,
    authentication,
    comments,
    concurrency,
    favorites,
    feed,
    filters,
    lists,
    login,
    profiles,
    registration,
    server,
    tags,
    text,
)
from evaluator.contract.conduit.world import World

CONDUIT = Contract(
    name="conduit",
    checks=(
        *server.check,
        *registration.check,
        *login.check,
        *authentication.check,
        *account.check,
        *profiles.check,
        *articles.check,
        *article_changes.check,
        *article_deletion.check,
        *lists.check,
        *filters.check,
        *feed.check,
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
