from main import app


@app.get("/api/tags")
def tags() -> dict:
    return {}
