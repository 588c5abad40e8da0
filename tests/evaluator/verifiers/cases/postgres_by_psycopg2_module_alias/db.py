import psycopg2 as pg


def connect():
    return pg.connect(dbname="conduit", host="postgres")
