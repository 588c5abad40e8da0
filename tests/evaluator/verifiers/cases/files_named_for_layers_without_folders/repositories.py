from models import Article


def rows():
    return [Article()]
