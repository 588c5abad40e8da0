from django.db import transaction

from models import Article, Tag


def create(title: str, tag: str) -> None:
    Article.objects.create(title=title)
    Tag.objects.create(name=tag)


@transaction.atomic
def create_together(title: str, tag: str) -> None:
    Article.objects.create(title=title)
    Tag.objects.create(name=tag)
