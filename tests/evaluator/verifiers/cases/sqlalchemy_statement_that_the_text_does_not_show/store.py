import psycopg
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = 'articles'
    id: Mapped[int] = mapped_column(primary_key=True)


def rows(build):
    connection = psycopg.connect('host=postgres')
    return connection.execute(build()).fetchall()
