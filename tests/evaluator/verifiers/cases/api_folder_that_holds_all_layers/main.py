from flask import Flask

from api.routes.articles import bp

app = Flask(__name__)
app.register_blueprint(bp)
