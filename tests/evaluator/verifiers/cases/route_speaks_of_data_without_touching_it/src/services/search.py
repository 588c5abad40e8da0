from src.repositories.articles import all_articles


class Search:
    def query(self, text):
        return [article for article in all_articles() if text in article.slug]

    def execute(self, slug):
        return slug


search = Search()
