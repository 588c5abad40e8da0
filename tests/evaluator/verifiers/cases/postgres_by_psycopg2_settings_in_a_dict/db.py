import psycopg2.pool

SETTINGS = dict(host='postgres', port=5432, user='user', password='password', dbname='conduit')
POOL = psycopg2.pool.ThreadedConnectionPool(1, 5, **SETTINGS)
