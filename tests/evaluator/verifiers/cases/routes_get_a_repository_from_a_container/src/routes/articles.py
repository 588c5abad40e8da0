from flask import Blueprint, jsonify

from src.container import articles, service

bp = Blueprint('articles', __name__)


@bp.get('/articles')
def index():
    return jsonify(articles=articles.all(), all=service.everything())
