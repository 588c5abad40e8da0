from tortoise import Tortoise


async def start():
    await Tortoise.init(db_url='postgres://user:password@postgres:5432/conduit', modules={'models': ['models']})
