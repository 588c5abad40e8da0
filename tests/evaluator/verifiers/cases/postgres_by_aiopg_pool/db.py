import aiopg


async def open_pool():
    async with aiopg.create_pool("dbname=conduit") as pool:
        yield pool
