from sqlalchemy.ext.asyncio import create_async_engine

from models import Base

engine = create_async_engine("postgresql+asyncpg://user:password@postgres/conduit")


async def prepare() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
