import aiosqlite


async def connect():
    async with aiosqlite.connect("conduit.db") as connection:
        yield connection
