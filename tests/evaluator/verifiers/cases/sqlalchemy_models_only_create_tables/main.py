from flask import Flask, jsonify

from models import engine

app = Flask(__name__)
app.config['ENGINE'] = engine
ARTICLES = {}


@app.get('/api/articles')
def articles():
    return jsonify(list(ARTICLES.values()))
