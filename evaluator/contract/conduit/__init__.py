"""The contract Conduit: one file of checks per resource, and the order in which they are reported."""

from __future__ import annotations

from evaluator.contract.checks import Contract, Restart
from evaluator.contract.conduit import (
    account,
    article_changes,
    article_deletion,
    articles,
    authentication,
    comment_deletion,
    comment_lists,
    comments,
    concurrency,
    favorites,
    feed,
    filters,
    lists,
    login,
    profiles,
    registration,
    restart,
    server,
    tags,
    text,
)
from evaluator.contract.conduit.operations import HEALTH
from evaluator.contract.conduit.probes import PROBES
from evaluator.contract.conduit.shapes import DOCUMENT
from evaluator.contract.conduit.world import World
from evaluator.contract.documented import documented_checks
from evaluator.contract.foundation import resting_on

ASKED = (
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
    *comment_lists.check,
    *comment_deletion.check,
    *favorites.check,
    *tags.check,
    *text.check,
    *concurrency.check,
)
DOCUMENTED = documented_checks(DOCUMENT, ASKED, refusals=HEALTH)
STARTS, ANSWERS, TELLS_APART = "server.starts", "server.answers", "server.tells-apart"
CONTRACT = Contract(
    name="conduit",
    checks=resting_on(TELLS_APART, (*ASKED, *DOCUMENTED), but=(STARTS, ANSWERS)),
    world=World,
    starts=STARTS,
    answers=ANSWERS,
    opening=(STARTS, TELLS_APART, "users.register.token", "auth.token-scheme"),
    closing=tuple(check.id for check in DOCUMENTED),
    document=DOCUMENT,
    probes=PROBES,
    restart=Restart(restart.write_what_must_survive, tuple(restart.check)),
)
