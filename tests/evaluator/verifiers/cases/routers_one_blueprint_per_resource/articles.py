from flask import Blueprint

articles = Blueprint("articles", __name__, url_prefix="/api/articles")


@articles.get("")
def listed():
    return {"articles": []}


@articles.get("/<slug>/comments")
def comments(slug):
    return {"comments": []}
