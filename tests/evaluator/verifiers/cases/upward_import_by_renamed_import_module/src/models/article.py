from importlib import import_module as load

services = load('src.services.articles')


class Article:
    pass
