import asyncpg


class Articles:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def delete(self, slug: str) -> None:
        async with self.pool.acquire() as connection:
            await connection.execute("DELETE FROM comments WHERE slug = $1", slug)
            await connection.execute("DELETE FROM articles WHERE slug = $1", slug)

    async def rename(self, slug: str, new: str) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("UPDATE comments SET slug = $1 WHERE slug = $2", new, slug)
            await connection.execute("UPDATE articles SET slug = $1 WHERE slug = $2", new, slug)
