from peewee import CharField

from app.models.base import Row


class Article(Row):
    slug = CharField(unique=True)
