import sqlite3

import psycopg2
from sqlalchemy.dialects.sqlite import insert

connection = psycopg2.connect('postgresql://user:password@postgres:5432/conduit')


def add(engine, rows):
    try:
        if engine.dialect.name == 'sqlite':
            engine.execute('PRAGMA foreign_keys = ON')
        connection.cursor().execute('INSERT INTO rows VALUES (%s)', (rows, insert))
    except (sqlite3.IntegrityError, psycopg2.IntegrityError):
        return False
