from flask import Blueprint, jsonify

from src.container import get_articles, get_service

bp = Blueprint('tags', __name__)


@bp.get('/tags')
def index():
    return jsonify(tags=get_articles().all(), all=get_service().everything())
