import os

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

url = URL.create(
    drivername='postgresql+asyncpg',
    username=os.environ.get('DB_USER', 'user'),
    password='password',
    host=os.getenv('DB_HOST', 'postgres'),
    database='conduit',
)
engine = create_async_engine(url, pool_pre_ping=True)
Session = async_sessionmaker(engine, expire_on_commit=False)
