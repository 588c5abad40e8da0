import sqlite3

import psycopg2


def connect():
    try:
        return psycopg2.connect(host="postgres")
    except psycopg2.OperationalError:
        return sqlite3.connect("fallback.db")
