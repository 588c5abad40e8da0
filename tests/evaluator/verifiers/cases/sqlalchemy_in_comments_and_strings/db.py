"""Uses SQLAlchemy (from sqlalchemy.orm import DeclarativeBase)."""
import psycopg

# from sqlalchemy import create_engine


def articles():
    return psycopg.connect('host=postgres').execute('select * from articles').fetchall()
