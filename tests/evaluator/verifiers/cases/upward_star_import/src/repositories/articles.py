from src.services.articles import *


def all_articles():
    return []
