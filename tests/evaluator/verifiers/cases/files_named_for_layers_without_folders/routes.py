from flask import Blueprint

from services import everything

bp = Blueprint('articles', __name__)


@bp.get('/api/articles')
def index():
    return everything()
