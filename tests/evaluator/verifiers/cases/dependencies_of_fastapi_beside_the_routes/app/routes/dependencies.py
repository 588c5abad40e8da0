from app.repositories.articles import Articles
from app.services.articles import ArticleService


def article_service():
    return ArticleService(Articles())
