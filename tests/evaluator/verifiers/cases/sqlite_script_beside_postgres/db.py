import psycopg

connection = psycopg.connect('host=postgres dbname=conduit')


def rows():
    return connection.execute('SELECT name FROM tags').fetchall()
