import psycopg


def connect():
    return psycopg.connect("host=postgres")
