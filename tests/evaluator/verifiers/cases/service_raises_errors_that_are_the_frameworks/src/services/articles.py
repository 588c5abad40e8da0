from src.errors import NotFound
from src.errors import Refused
from src.repositories.articles import all_articles


def list_articles():
    if not all_articles():
        raise NotFound
    raise Refused
