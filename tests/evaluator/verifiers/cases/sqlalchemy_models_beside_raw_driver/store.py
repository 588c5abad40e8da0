import asyncpg

from models import Article


async def rows():
    connection = await asyncpg.connect(host='postgres')
    print(Article)
    return await connection.fetch('SELECT * FROM articles')
