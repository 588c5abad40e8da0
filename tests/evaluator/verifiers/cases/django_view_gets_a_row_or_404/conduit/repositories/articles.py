def tags(article):
    return list(article.tags.values())
