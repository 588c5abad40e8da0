from sqlalchemy import Column, Integer, text
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase): pass
class Article(Base):
    __tablename__ = 'articles'
    id = Column(Integer, primary_key=True)


class Statements:
    TAGS = 'SELECT name FROM tags'

def all_rows(session, table):
    session.execute(text(' '.join(['SELECT slug', 'FROM articles'])))
    session.execute(text('SELECT * FROM {} WHERE id = 1'.format(table)))
    session.execute(text(Statements.TAGS))
