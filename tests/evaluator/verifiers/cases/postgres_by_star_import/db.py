from asyncpg import *


async def start():
    return await create_pool(dsn='postgres://user:password@postgres:5432/conduit')
