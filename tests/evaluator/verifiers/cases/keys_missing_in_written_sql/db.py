import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS articles (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL);
"""

connection = sqlite3.connect("app.db")
connection.executescript(SCHEMA)
