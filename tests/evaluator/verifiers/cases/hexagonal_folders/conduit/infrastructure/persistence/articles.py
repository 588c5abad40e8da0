from conduit.domain.entities.article import Article
from conduit.domain.repositories.articles import Articles


class StoredArticles(Articles):
    def all(self):
        return [Article()]
