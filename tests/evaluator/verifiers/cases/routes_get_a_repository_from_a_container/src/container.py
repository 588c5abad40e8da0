from src.repositories.articles import Articles
from src.services.articles import ArticleService

articles = Articles()
service = ArticleService(articles)


def get_articles():
    return Articles()


def get_service():
    return ArticleService(get_articles())
