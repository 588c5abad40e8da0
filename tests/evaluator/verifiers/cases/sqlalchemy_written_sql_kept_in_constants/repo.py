import queries
from sqlalchemy import text


def one(connection, slug):
    return connection.exec_driver_sql(queries.BY_SLUG, (slug,))


def remove(connection, ids):
    statement = text("delete from articles where id in (" + ",".join(ids) + ")")
    return connection.execute(statement)
