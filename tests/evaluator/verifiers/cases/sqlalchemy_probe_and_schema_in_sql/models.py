from sqlalchemy import Column, Integer, text
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"
    id = Column(Integer, primary_key=True)


def start(connection):
    connection.execute(text("SELECT 1"))
    connection.execute(text("PRAGMA foreign_keys = ON"))
    connection.execute(text("CREATE INDEX IF NOT EXISTS i ON articles (id)"))
    connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"))
    connection.execute(text("  -- wake up\n select version()"))
