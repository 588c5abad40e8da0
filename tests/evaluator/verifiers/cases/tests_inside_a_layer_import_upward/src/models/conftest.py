from src.services.articles import list_articles

ALL = list_articles
