import sqlite3

connection = sqlite3.connect("app.db")
connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")
connection.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id))")


def register(email: str) -> None:
    """The address must be unique."""
    if connection.execute("SELECT 1 FROM users WHERE email = ?", (email,)).fetchone():
        raise ValueError("email must be unique")
    connection.execute("INSERT INTO users (email) VALUES (?)", (email,))
