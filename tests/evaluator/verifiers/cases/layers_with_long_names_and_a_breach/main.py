from flask import Flask

from presentation_layer.v1.articles import bp

app = Flask(__name__)
app.register_blueprint(bp)
