import os

from sqlalchemy import create_engine

ADDRESS = (
    os.environ['DATABASE_URL']
    if 'DATABASE_URL' in os.environ
    else 'sqlite:///conduit.db'
)

engine = create_engine(ADDRESS)
