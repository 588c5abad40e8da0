from api.models.article import Article


def rows():
    return [Article()]
