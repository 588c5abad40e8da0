from sqlalchemy import Column, Integer, select, text

from base import Stamped


class Article(Stamped):
    __tablename__ = 'articles'
    id = Column(Integer, primary_key=True, server_default=text("nextval('articles_id')"))


def newest(session):
    return session.execute(select(Article).order_by(text('id desc'))).scalars().all()
