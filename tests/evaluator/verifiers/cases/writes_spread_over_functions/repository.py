import asyncpg

pool = asyncpg.create_pool("postgresql://user:password@postgres/conduit")


async def insert_article(title: str) -> None:
    await pool.execute("INSERT INTO articles (title) VALUES ($1)", title)


async def insert_tag(name: str) -> None:
    await pool.execute("INSERT INTO tags (name) VALUES ($1)", name)
