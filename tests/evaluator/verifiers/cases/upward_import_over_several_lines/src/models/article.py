# The names stand on lines of their own.
from src.services.articles import (
    list_articles,
)
from src.routes.articles \
    import bp


class Article:
    everything = (list_articles, bp)
