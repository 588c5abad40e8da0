from conduit.repositories.articles import tags


def shown(article):
    return {'tags': tags(article)}
