import sqlite3

from sqlalchemy import create_engine

engine = create_engine('sqlite:///:memory:')
sqlite3.connect(':memory:')
