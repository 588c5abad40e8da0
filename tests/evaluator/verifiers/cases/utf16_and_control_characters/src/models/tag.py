from src.services.articles import list_articles = broken
