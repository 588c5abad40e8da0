from sqlalchemy import Column, Integer, create_engine, text as t

from models import Article

engine = create_engine('postgresql://user:password@postgres/conduit')
PAGE = 20


def one():
    with engine.connect() as link:
        return link.exec_driver_sql('select * from articles').all()


def two():
    cursor = engine.raw_connection().cursor()
    cursor.execute('insert into articles (slug) values (%s)', ('a',))


def three(session):
    return session.connection().execute(t('delete from articles')), Article, Column, Integer
