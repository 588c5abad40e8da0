from conduit.domain.repositories.articles import Articles
from conduit.infrastructure.persistence.articles import StoredArticles


def list_articles(articles: Articles | None = None):
    return (articles or StoredArticles()).all()
