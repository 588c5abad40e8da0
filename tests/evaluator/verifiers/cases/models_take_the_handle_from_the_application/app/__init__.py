from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def create_app():
    from app.routes.articles import bp

    app = Flask(__name__)
    db.init_app(app)
    app.register_blueprint(bp)
    return app
