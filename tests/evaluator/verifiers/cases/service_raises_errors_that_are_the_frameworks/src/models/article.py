class Article:
    def __init__(self, slug):
        self.slug = slug

    def as_dict(self):
        return {'slug': self.slug}
