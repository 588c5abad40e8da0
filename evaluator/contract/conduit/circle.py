"""Who of the cast follows whom: ann follows bob for good and cleo for a while, bob follows cleo for good."""

from __future__ import annotations

from evaluator.contract.answer import Answer
from evaluator.contract.conduit.shelf import essay, shelf
from evaluator.contract.conduit.world import World

# ann and bob


async def seen_by_a_stranger(world: World) -> Answer:
    """A reads B's profile before A follows B."""
    ann, bob = await world.people("ann", "bob")
    return await ann.reads(bob)


async def follows(world: World) -> Answer:
    """A follows B."""
    await world.after(seen_by_a_stranger)
    ann, bob = await world.people("ann", "bob")
    return await ann.post(f"{bob.path}/follow")


async def follows_again(world: World) -> Answer:
    """A follows B once more."""
    await world.after(follows)
    ann, bob = await world.people("ann", "bob")
    return await ann.post(f"{bob.path}/follow")


async def seen_by(world: World, viewer: str, seen: str) -> Answer:
    """One of the cast reads the profile of another, after A followed B, twice."""
    (await world.once(follows)).or_blocked_by("profiles.follow.status")
    await world.after(follows_again)
    reader, person = await world.people(viewer, seen)
    return (await reader.reads(person)).or_blocked_by("profiles.read.status")


# ann, bob and cleo


async def reader_follows(world: World) -> Answer:
    """B follows C, for good."""
    bob, cleo = await world.people("bob", "cleo")
    return await bob.follows(cleo)


async def follows_for_a_while(world: World) -> Answer:
    """A follows C."""
    ann, cleo = await world.people("ann", "cleo")
    return await ann.follows(cleo)


async def feed_of_two_authors(world: World) -> Answer:
    """A reads the feed while A follows B and C, who have published."""
    (await world.once(follows)).or_blocked_by("profiles.follow.status")
    await world.once(follows_for_a_while)
    await world.after(essay, shelf)
    return await (await world.person("ann")).get("/articles/feed")


async def unfollows(world: World) -> Answer:
    """A unfollows C, when what is to be seen until then has been seen."""
    await world.once(follows_for_a_while)
    await world.after(reader_follows, feed_of_two_authors)
    ann, cleo = await world.people("ann", "cleo")
    return await ann.delete(f"{cleo.path}/follow")


async def unfollows_again(world: World) -> Answer:
    """A unfollows C once more."""
    await world.after(unfollows)
    ann, cleo = await world.people("ann", "cleo")
    return await ann.delete(f"{cleo.path}/follow")


async def unfollowed_seen_by(world: World, viewer: str) -> Answer:
    """One of the cast reads C's profile, after A unfollowed C, twice."""
    (await world.once(unfollows)).or_blocked_by("profiles.unfollow.status")
    await world.after(unfollows_again)
    reader, cleo = await world.people(viewer, "cleo")
    return (await reader.reads(cleo)).or_blocked_by("profiles.read.status")
