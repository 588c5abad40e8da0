import importlib

from src.models.article import Article

ROOT = 'src'


def all_articles():
    one = importlib.import_module(f'{ROOT}.routes.articles')
    two = importlib.import_module(ROOT + '.services.articles')
    three = importlib.import_module('%s.services.articles' % ROOT)
    return [Article('a'), one, two, three]
