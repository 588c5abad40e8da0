from flask import Flask, jsonify

app = Flask(__name__)
ARTICLES = {}


@app.get('/api/articles')
def articles():
    return jsonify(articles=list(ARTICLES.values()))
