from src.repositories.articles import all_articles


def list_articles():
    return [article.as_dict() for article in all_articles()]
