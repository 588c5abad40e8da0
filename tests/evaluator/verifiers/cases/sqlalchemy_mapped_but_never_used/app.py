from flask import Flask

import models

app = Flask(__name__)
ARTICLES = {}


@app.get("/api/articles")
def articles():
    return list(ARTICLES.values())
