from app.entity.article import Article


def rows(tag):
    return [Article(tag)]
