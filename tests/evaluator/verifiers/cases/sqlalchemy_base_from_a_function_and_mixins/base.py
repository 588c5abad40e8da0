import sqlalchemy.orm as orm


def make_base():
    return orm.declarative_base()


Base = make_base()


class Stamped(Base):
    __abstract__ = True
