if False:
    from src.services.articles import list_articles


class Article:
    def __init__(self, slug):
        self.slug = slug

    def as_dict(self):
        return {'slug': self.slug}
