import logging

from flask import Response
from sqlalchemy import func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = 'articles'
    id: Mapped[int] = mapped_column(primary_key=True)
    made: Mapped[str] = mapped_column(server_default=text('CURRENT_TIMESTAMP'))


def newest(session):
    logging.info('select the articles from the database')
    query = select(Article).where(text('id > :least')).order_by(text('made desc'))
    rows = session.execute(query, {'least': 1}).scalars().all()
    session.execute(text('SELECT pg_advisory_xact_lock(1)'))
    session.execute(text('SET LOCAL statement_timeout = 500'))
    return Response(f'Delete from your list what you do not want, or update it: {len(rows)}', session.scalar(func.now()))
