from src.models.article import Article


class Articles:
    def all(self):
        return [Article('a')]
