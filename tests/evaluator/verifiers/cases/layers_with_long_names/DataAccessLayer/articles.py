from domain_models_v2.article import Article


def rows():
    return [Article()]
