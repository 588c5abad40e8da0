import logging.handlers
from botocore.handlers import BUILTIN_HANDLERS
from google.cloud import services
from routes import Mapper
from werkzeug.routing import Rule

from src.models.article import Article


def all_articles():
    return [Article('a'), logging.handlers, BUILTIN_HANDLERS, services, Mapper, Rule]
