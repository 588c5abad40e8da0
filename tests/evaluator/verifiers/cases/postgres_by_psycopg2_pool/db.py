from psycopg2 import pool

POOL = pool.ThreadedConnectionPool(1, 5, host="postgres")
