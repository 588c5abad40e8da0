from sqlalchemy import select

from app.core.config import PAGE
from app.models.article import Article


def rows(session):
    return session.scalars(select(Article).limit(PAGE)).all()
