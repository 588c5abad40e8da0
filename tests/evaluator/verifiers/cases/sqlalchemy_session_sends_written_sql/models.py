from sqlalchemy import Column, Integer, text
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"
    id = Column(Integer, primary_key=True)


def slugs(session):
    return session.execute(text("SELECT slug FROM articles WHERE id = :id"), {"id": 1})
