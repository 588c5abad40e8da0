from sqlalchemy import Column, Integer, Table
from sqlalchemy.orm import registry

from domain import Article

mapper_registry = registry()
articles = Table("articles", mapper_registry.metadata, Column("id", Integer, primary_key=True))
mapper_registry.map_imperatively(Article, articles)
