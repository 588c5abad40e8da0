class ArticleService:
    def __init__(self, articles):
        self.articles = articles

    def everything(self):
        return self.articles.all()
