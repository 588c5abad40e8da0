from models import Article, Tag


def create(title: str, tag: str) -> None:
    Article.objects.create(title=title)
    Tag.objects.create(name=tag)
