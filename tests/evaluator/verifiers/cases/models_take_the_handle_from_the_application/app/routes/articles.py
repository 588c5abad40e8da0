from flask import Blueprint, jsonify

from app.services.articles import everything

bp = Blueprint('articles', __name__)


@bp.get('/api/articles')
def index():
    return jsonify(everything())
