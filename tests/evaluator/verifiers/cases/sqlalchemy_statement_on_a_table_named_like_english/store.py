from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class A(Base):
    __tablename__ = 'a'
    id: Mapped[int] = mapped_column(primary_key=True)


def rows(session):
    session.execute(text('delete from a where id = 1'))
    return session.execute(text('select * from a')).all()
