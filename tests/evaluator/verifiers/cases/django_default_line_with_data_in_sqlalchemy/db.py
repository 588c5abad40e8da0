from sqlalchemy import create_engine, text

engine = create_engine("postgresql://user:password@postgres/conduit")


def tags(connection):
    return connection.execute(text("SELECT name FROM tags"))
