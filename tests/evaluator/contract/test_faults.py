"""Each fault of a backend is noticed by the check that is about it.

Why: real backends that pass the whole published collection have every one of these faults. A check that no fault can
fail is worth nothing; so each fault here names its check, and the same check passes without it (test_reference.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from evaluator.contract import Transport, contract_named
from evaluator.contract.suite import Watch, judge_all
from evaluator.verdict import CheckResult
from tests.evaluator.contract.reference import Conduit
from tests.evaluator.contract.serving import serving

FAULTS = {
    "registering answers 200": "users.register.status",
    "the password is told": "users.register.no-password",
    "the image is left out": "users.register.shape",
    "everybody gets the first token": "users.register.own-token",
    "missing fields are taken": "users.register.missing-email",
    "missing fields are a 400": "articles.create.missing-title",
    "blank fields are taken": "users.register.blank-username",
    "a taken email is given again": "users.register.duplicate-email",
    "a taken username is given again": "users.register.duplicate-username",
    "registering races": "concurrency.register-username",
    "losing a race for a name crashes": "concurrency.register-username",
    "malformed JSON crashes": "users.register.malformed-json",
    "any password signs in": "users.login.wrong-password",
    "a wrong password is a 200": "users.login.wrong-password",
    "the scheme is Bearer": "auth.token-scheme",
    "Bearer is taken too": "auth.other-scheme",
    "no token is a 403": "articles.create.no-token",
    "a garbage token crashes": "auth.garbage-token",
    "alg none is believed": "auth.unsigned-token",
    "signatures are not checked": "articles.delete.tampered-token",
    "updates are not checked for duplicates": "users.update.duplicate-username",
    "a change clears what is not sent": "users.update.keeps-bio",
    "account changes are not kept": "users.update.in-profile",
    "passwords do not change": "users.update.new-password",
    "profiles are found by LIKE": "text.profile.wildcard",
    "following ignores the viewer": "profiles.follow.per-viewer",
    "following goes both ways": "profiles.follow.direction",
    "following is not kept": "profiles.follow.persists",
    "following twice crashes": "profiles.follow.twice",
    "unfollowing does nothing": "profiles.unfollow.persists",
    "slugs collide": "articles.create.same-title",
    "tags get lost": "articles.create.tags",
    "the description is left out": "articles.read.shape",
    "counts are text": "articles.create.shape",
    "timestamps have no offset": "articles.create.timestamps",
    "an unknown slug crashes": "articles.read.unknown",
    "anybody changes articles": "articles.update.by-other-user-unchanged",
    "a change answers 200 and does nothing": "articles.update.persists",
    "updatedAt stands still": "articles.update.updated-at",
    "createdAt moves": "articles.update.created-at",
    "anybody deletes articles": "articles.delete.by-other-user-still-there",
    "a stranger's delete is a 200 that does nothing": "articles.delete.by-other-user",
    "an article with comments cannot be deleted": "articles.delete.with-comments",
    "deletes do nothing": "articles.delete.gone",
    "deletes answer 204": "articles.delete.status",
    "author is ignored": "articles.list.author",
    "tags are found by LIKE": "articles.list.tag-whole",
    "an unknown fan filters nothing": "articles.list.unknown-favorited",
    "the oldest come first": "articles.list.recent-first",
    "limit is ignored": "articles.list.limit",
    "offset is ignored": "articles.list.offset",
    "pages overlap": "articles.list.slices",
    "ten by default": "articles.list.default-limit",
    "articlesCount is the page": "articles.list.total",
    "articlesCount is left out": "articles.list.shape",
    "odd parameters crash": "articles.list.limit-word",
    "favorited ignores the viewer": "articles.list.favorited-flag",
    "the feed holds everything": "articles.feed.empty",
    "the feed shows no tags": "articles.feed.content",
    "lists show the first title": "articles.update.in-list",
    "favourites that were taken back are still listed": "articles.list.unfavorited",
    "favouriting answers with another article": "favorites.add.article",
    "a comment answers 201": "comments.create.status",
    "comment ids are text": "comments.create.shape",
    "comments get lost": "comments.list.complete",
    "comments are under every article": "comments.list.own-article",
    "anybody deletes comments": "comments.delete.by-other-user",
    "the article's author deletes comments": "comments.delete.by-article-author",
    "all comments go at once": "comments.delete.gone",
    "favourites count clicks": "favorites.add.twice",
    "favourites race": "concurrency.favorites",
    "unfavouriting clears all": "favorites.remove.others",
    "tags are listed twice": "tags.list.once",
    "emoji crash": "text.body.emoji",
    "long text is cut": "text.comment.long",
    "markup is escaped": "text.title.markup",
}


AFTER_A_RESTART = {
    "does not come back after a restart": "restart.answers",
    "forgets everything at a restart": "restart.account",
    "forgets accounts at a restart": "restart.account",
    "forgets articles at a restart": "restart.list",
    "dates articles anew at a restart": "restart.article",
    "forgets tags at a restart": "restart.tags",
    "forgets comments at a restart": "restart.comments",
    "forgets favourites at a restart": "restart.favorites",
    "forgets who follows whom at a restart": "restart.following",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed_by_the_check_that_is_about_it(fault: str) -> None:
    result = judged_alone(FAULTS[fault], Conduit(fault))
    assert result.outcome == "failed", f"{result.outcome}, blocked by {result.blocked_by!r}"
    assert result.expected and result.received and result.exchange is not None


@pytest.mark.parametrize("check", sorted(set(FAULTS.values())))
def test_the_same_check_passes_without_the_fault(check: str) -> None:
    result = judged_alone(check, Conduit())
    assert result.outcome == "passed", result.received


@pytest.mark.parametrize("fault", AFTER_A_RESTART)
def test_what_is_lost_at_a_restart_is_noticed_then_and_not_before(fault: str) -> None:
    results = judged_with_a_restart(Conduit(fault))
    assert results[AFTER_A_RESTART[fault]].outcome == "failed", results[AFTER_A_RESTART[fault]].blocked_by
    failed = [id for id, result in results.items() if result.outcome == "failed" and result.basis != "benchmark"]
    assert all(id.startswith("restart.") for id in failed), failed


@pytest.mark.parametrize("change", ["", "signs tokens with another secret after a restart"])
def test_a_server_that_keeps_its_data_passes_every_check_after_a_restart(change: str) -> None:
    results = judged_with_a_restart(Conduit(change))
    after = {id: result.outcome for id, result in results.items() if id.startswith("restart.")}
    assert after == dict.fromkeys(after, "passed") and len(after) == 9


def judged_with_a_restart(conduit: Conduit) -> dict[str, CheckResult]:
    """The results of the whole contract, with a restart, by id."""
    with serving(conduit.answer) as port:
        watch = Watch(restart=conduit.restart)
        judged = asyncio.run(judge_all(contract_named("conduit"), "/api", Transport(port=port), watch))
    return {result.id: result for result in judged.checks}


def judged_alone(id: str, conduit: Conduit) -> CheckResult:
    """The result of one check, judged with nothing but the checks that it needs."""
    contract = contract_named("conduit")
    by_id = {check.id: check for check in contract.checks}
    wanted = {*contract.opening, contract.answers}
    waiting = [id]
    while waiting:
        wanted.add(check := waiting.pop())
        waiting += by_id[check].needs
    alone = replace(
        contract,
        checks=tuple(check for check in contract.checks if check.id in wanted),
        closing=tuple(id for id in contract.closing if id in wanted),
    )
    with serving(conduit.answer) as port:
        results = asyncio.run(judge_all(alone, "/api", Transport(port=port), Watch())).checks
    return next(result for result in results if result.id == id)
