from flask import Flask

from db import connect

app = Flask(__name__)


@app.get("/api/tags")
def tags():
    return connect().execute("SELECT name FROM tags").fetchall()
