from flask import Flask

from app.routes.articles import bp

app = Flask(__name__)
app.register_blueprint(bp)
