from src.routes.articles import bp
from src.services.articles import list_articles


def test_all():
    assert bp and list_articles
