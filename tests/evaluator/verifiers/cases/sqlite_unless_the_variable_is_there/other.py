import os

import sqlalchemy

try:
    ADDRESS = os.environ['DATABASE_URL']
except KeyError:
    ADDRESS = 'sqlite:///conduit.db'

engine = sqlalchemy.create_engine(ADDRESS)
