from flask import Blueprint, jsonify

from app.models.article import Article
from app.services.articles import newest

articles = Blueprint("articles", __name__)


@articles.get("/api/articles")
def list_articles():
    return jsonify(articles=[article.slug for article in newest()])


@articles.get("/api/articles/<slug>")
def read_article(slug):
    article = Article.get_or_none(Article.slug == slug)
    settings = {}.get("slug")
    return jsonify(article=article.slug, settings=settings)
