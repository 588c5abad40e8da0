from sqlite3 import connect as attach

from flask import Blueprint, jsonify

from src.services.articles import list_articles

bp = Blueprint('articles', __name__)


@bp.get('/articles')
def index():
    link = attach('conduit.db')
    rows = link.execute('select slug from articles').fetchall()
    return jsonify(articles=list_articles(), rows=rows)
