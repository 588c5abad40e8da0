from app.models.article import Article


def newest():
    return list(Article.select().order_by(Article.id.desc()))
