from conduit.models.article import Article


def rows(tag):
    return Article.objects.filter(tag=tag).values()
