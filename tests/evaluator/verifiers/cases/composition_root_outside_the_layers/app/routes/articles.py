from flask import Blueprint

from app.container import SERVICES

bp = Blueprint("articles", __name__)


@bp.get("/api/articles")
def index():
    return SERVICES[0]()
