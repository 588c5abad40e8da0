from flask import Flask

from src.routes.articles import bp

app = Flask(__name__)
app.register_blueprint(bp, url_prefix='/api')
app.run(port=8080)
