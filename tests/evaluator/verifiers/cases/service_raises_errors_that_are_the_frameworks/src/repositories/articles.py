from src.models.article import Article

_ROWS = {}


def all_articles():
    return [Article(**row) for row in _ROWS.values()]
