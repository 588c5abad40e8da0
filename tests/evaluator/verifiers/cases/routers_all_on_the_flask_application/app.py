from flask import Flask

app = Flask(__name__)


@app.get("/api/health-check")
def health():
    return {}


@app.get("/api/articles")
def articles():
    return {"articles": []}


@app.get("/api/profiles/<name>")
def profile(name):
    return {"profile": name}


@app.get("/api/tags")
def tags():
    return {"tags": []}
