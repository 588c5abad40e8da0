from sqlalchemy import text
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
class Article(db.Model):
    id = db.Column(db.Integer, primary_key=True)
def newest():
    return db.session.query(Article).from_statement(text('SELECT * FROM article ORDER BY id')).all()
