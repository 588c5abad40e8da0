from main import app


@app.get("/api/articles")
def articles() -> dict:
    return {}
