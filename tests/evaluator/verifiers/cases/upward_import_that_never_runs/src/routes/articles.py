from flask import Blueprint, jsonify

from src.services.articles import list_articles

bp = Blueprint('articles', __name__)


@bp.get('/articles')
def index():
    return jsonify(articles=list_articles())
