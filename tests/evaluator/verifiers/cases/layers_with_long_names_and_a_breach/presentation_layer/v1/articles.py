from flask import Blueprint

from service_layer.articles import everything

bp = Blueprint('articles', __name__)


@bp.get('/api/articles')
def index():
    return everything()
