from app.models.article import Article
from ..services.articles import everything


def rows():
    return [Article(), everything]
