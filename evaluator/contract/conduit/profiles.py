"""Profiles: what others see of a person, and following, which is between two people."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.checks import Checks, openapi, prose
from evaluator.contract.conduit.circle import (
    follows,
    follows_again,
    reader_follows,
    seen_by,
    seen_by_a_stranger,
    unfollowed_seen_by,
    unfollows,
    unfollows_again,
)
from evaluator.contract.conduit.operations import FOLLOW, PROFILE, UNFOLLOW
from evaluator.contract.conduit.shapes import PROFILE as PROFILE_SHAPE
from evaluator.contract.conduit.world import Person, World, profile_path

check = Checks()
SHAPE = openapi("The answer is {profile: {username, bio, image, following}}.")
PER_VIEWER = prose("“following” depends on who asks.")
UNKNOWN = prose("An unknown username is a 4xx on every route that takes one.")
HARMLESS = prose("Following twice, or undoing twice, is harmless.")


# Reading


async def seen_by_a_visitor(world: World) -> tuple[Person, Answer]:
    """A visitor reads A's profile."""
    ann = await world.account("ann")
    return ann, await world.visitor.reads(ann)


@check(
    "profiles.read.status",
    PROFILE,
    "A visitor without a token reads A's profile with 200",
    openapi("GET /profiles/{username} declares 200; a token is optional."),
)
async def read_status(world: World) -> None:
    _, answer = await world.once(seen_by_a_visitor)
    answer.has_status(200)


@check("profiles.read.shape", PROFILE, "A's profile has the shape of a profile", SHAPE)
async def read_shape(world: World) -> None:
    _, answer = await world.once(seen_by_a_visitor)
    answer.or_blocked_by("profiles.read.status").matches(PROFILE_SHAPE)


@check("profiles.read.username", PROFILE, "A's profile shows A", prose("The profile is that of the named person."))
async def read_username(world: World) -> None:
    ann, answer = await world.once(seen_by_a_visitor)
    answer.or_blocked_by("profiles.read.status").shows("profile.username", ann.username)


@check(
    "profiles.read.no-password",
    PROFILE,
    "A's profile does not tell A's password",
    prose("No answer carries a password."),
)
async def read_no_password(world: World) -> None:
    ann, answer = await world.once(seen_by_a_visitor)
    answer.or_blocked_by("profiles.read.status").tells_no(ann.password)


@check("profiles.read.visitor", PROFILE, "A visitor without a token follows nobody", PER_VIEWER)
async def read_visitor(world: World) -> None:
    _, answer = await world.once(seen_by_a_visitor)
    answer.or_blocked_by("profiles.read.status").shows("profile.following", False)


@check("profiles.read.stranger", PROFILE, "A does not follow B before A follows B", PER_VIEWER)
async def read_stranger(world: World) -> None:
    (await world.once(seen_by_a_stranger)).or_blocked_by("profiles.read.status").shows("profile.following", False)


@check("profiles.read.unknown", PROFILE, "The profile of nobody is refused", UNKNOWN)
async def read_unknown(world: World) -> None:
    (await world.visitor.get(profile_path(world.unique("nobody")))).is_refused()


# Following: ann follows bob, and never unfollows him


@check("profiles.follow.status", FOLLOW, "A follows B with 200", openapi("POST …/follow declares 200."))
async def follow_status(world: World) -> None:
    (await world.once(follows)).has_status(200)


@check("profiles.follow.shape", FOLLOW, "The answer to following is B's profile", SHAPE)
async def follow_shape(world: World) -> None:
    (await world.once(follows)).or_blocked_by("profiles.follow.status").matches(PROFILE_SHAPE)


@check("profiles.follow.flag", FOLLOW, "The answer to following says that A follows B", PER_VIEWER)
async def follow_flag(world: World) -> None:
    answer, bob = await world.once(follows), await world.account("bob")
    answer.or_blocked_by("profiles.follow.status").shows("profile.following", True)
    answer.shows("profile.username", bob.username)


@check(
    "profiles.follow.persists",
    PROFILE,
    "A still follows B when A reads B's profile",
    prose("What was written is read back."),
)
async def follow_persists(world: World) -> None:
    (await world.once(seen_by, "ann", "bob")).shows("profile.following", True)


@check("profiles.follow.twice", FOLLOW, "Following B twice is harmless: A follows B", HARMLESS)
async def follow_twice(world: World) -> None:
    (await world.once(follows)).or_blocked_by("profiles.follow.status")
    # A second time may be refused (422 is declared); what counts is that it does no harm.
    (await world.once(follows_again)).is_no_crash()
    (await world.once(seen_by, "ann", "bob")).shows("profile.following", True)


@check("profiles.follow.per-viewer", PROFILE, "C does not follow B because A does", PER_VIEWER)
async def follow_per_viewer(world: World) -> None:
    (await world.once(seen_by, "cleo", "bob")).shows("profile.following", False)


@check("profiles.follow.direction", PROFILE, "B does not follow A because A follows B", PER_VIEWER)
async def follow_direction(world: World) -> None:
    (await world.once(seen_by, "bob", "ann")).shows("profile.following", False)


@check("profiles.follow.unknown", FOLLOW, "Following nobody is refused", UNKNOWN)
async def follow_unknown(world: World) -> None:
    ann = await world.person("ann")
    (await ann.post(f"{profile_path(world.unique('nobody'))}/follow")).is_refused()


# Unfollowing: ann and bob follow cleo, and ann takes it back


@check("profiles.unfollow.status", UNFOLLOW, "A unfollows B with 200", openapi("DELETE …/follow declares 200."))
async def unfollow_status(world: World) -> None:
    (await world.once(unfollows)).has_status(200)


@check("profiles.unfollow.shape", UNFOLLOW, "The answer to unfollowing is B's profile", SHAPE)
async def unfollow_shape(world: World) -> None:
    (await world.once(unfollows)).or_blocked_by("profiles.unfollow.status").matches(PROFILE_SHAPE)


@check("profiles.unfollow.flag", UNFOLLOW, "The answer to unfollowing says that A does not follow B", PER_VIEWER)
async def unfollow_flag(world: World) -> None:
    answer, cleo = await world.once(unfollows), await world.account("cleo")
    answer.or_blocked_by("profiles.unfollow.status").shows("profile.following", False)
    answer.shows("profile.username", cleo.username)


@check(
    "profiles.unfollow.persists",
    PROFILE,
    "A no longer follows B when A reads B's profile",
    prose("What was deleted is gone."),
)
async def unfollow_persists(world: World) -> None:
    (await world.once(unfollowed_seen_by, "ann")).shows("profile.following", False)


@check("profiles.unfollow.twice", UNFOLLOW, "Unfollowing B twice is harmless", HARMLESS)
async def unfollow_twice(world: World) -> None:
    (await world.once(unfollows)).or_blocked_by("profiles.unfollow.status")
    (await world.once(unfollows_again)).is_no_crash()
    (await world.once(unfollowed_seen_by, "ann")).shows("profile.following", False)


@check(
    "profiles.unfollow.others",
    PROFILE,
    "C still follows B after A unfollowed B",
    prose("One takes back one's own, not another's."),
    needs="profiles.follow.persists",
)
async def unfollow_others(world: World) -> None:
    await world.once(reader_follows)
    (await world.once(unfollowed_seen_by, "bob")).shows("profile.following", True)


@check("profiles.unfollow.unknown", UNFOLLOW, "Unfollowing nobody is refused", UNKNOWN)
async def unfollow_unknown(world: World) -> None:
    ann = await world.person("ann")
    (await ann.delete(f"{profile_path(world.unique('nobody'))}/follow")).is_refused()
