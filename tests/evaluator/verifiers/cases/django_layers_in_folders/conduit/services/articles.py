from conduit.repositories.articles import rows


def everything(tag):
    return list(rows(tag))
