from src import services as s


class Article:
    rules = s
