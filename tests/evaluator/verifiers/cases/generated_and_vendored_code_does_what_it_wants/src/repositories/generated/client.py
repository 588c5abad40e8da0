from src.services.articles import list_articles

X = list_articles
