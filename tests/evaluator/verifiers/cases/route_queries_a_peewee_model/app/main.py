from flask import Flask

from app.routes.articles import articles

app = Flask(__name__)
app.register_blueprint(articles)
app.run(port=8080)
