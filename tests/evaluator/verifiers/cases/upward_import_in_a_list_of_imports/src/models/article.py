import os, src.services.articles as rules


class Article:
    folder = os.curdir
    rules = rules
