from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Article(Base):
    __tablename__ = 'articles'
    id = Column(Integer, primary_key=True)


engine = create_engine('sqlite:///conduit.db')
Base.metadata.create_all(engine)
