from sqlalchemy import Column, Integer, text
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"
    id = Column(Integer, primary_key=True)


def check(logger, errors):
    logger.info("SELECT slug FROM articles took long")
    errors.append("Select a tag from the list")
    raise ValueError("update the article and set a title")
