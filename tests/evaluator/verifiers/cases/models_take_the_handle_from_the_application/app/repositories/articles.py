from app import db
from app.models.article import Article


def rows():
    return db.session.query(Article).all()
