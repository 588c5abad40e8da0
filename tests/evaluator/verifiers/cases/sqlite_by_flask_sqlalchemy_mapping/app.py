from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(SQLALCHEMY_DATABASE_URI='sqlite:///conduit.db', SECRET_KEY='x')
    db.init_app(app)

    @app.get('/api/tags')
    def tags():
        return [tag.id for tag in Tag.query.all()]

    return app
