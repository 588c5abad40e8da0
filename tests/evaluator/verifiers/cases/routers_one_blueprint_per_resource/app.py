from flask import Flask

from articles import articles
from profiles import profiles

app = Flask(__name__)
app.register_blueprint(articles)
app.register_blueprint(profiles, url_prefix="/api/profiles")


@app.get("/api/health-check")
def health():
    return {}
