from contextlib import contextmanager

import psycopg2
import psycopg2.extras

CONFIG = {'host': 'postgres', 'dbname': 'conduit', 'cursor_factory': psycopg2.extras.RealDictCursor}


@contextmanager
def cursor():
    with psycopg2.connect(**CONFIG) as connection, connection.cursor() as opened:
        yield opened
