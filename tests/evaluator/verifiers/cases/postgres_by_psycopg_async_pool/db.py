from psycopg_pool import AsyncConnectionPool

POOL = AsyncConnectionPool("postgresql://user:password@postgres/conduit", open=False)
