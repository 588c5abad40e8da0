from sqlalchemy import create_engine, delete, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine('sqlite:///conduit.db')


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = 'articles'
    id: Mapped[int] = mapped_column(primary_key=True)


class Unit:
    def __init__(self):
        self.session = Session(engine)

    def execute(self, query):
        return self.session.execute(query)

    def conn_execute(self, query):
        with engine.begin() as conn:
            return conn.execute(query)


def work(unit):
    unit.execute(select(Article))
    unit.execute(update(Article).values(id=2))
    query = delete(Article).where(Article.id == 1)
    unit.conn_execute(query)
