from app.core.config import PAGE
from app.core.security import hashed
from app.models.article import Article


def rows():
    return [Article(hashed(str(PAGE)))]
