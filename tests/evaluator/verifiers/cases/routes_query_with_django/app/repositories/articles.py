from app.models.article import Article


def rows():
    return [Article()]
