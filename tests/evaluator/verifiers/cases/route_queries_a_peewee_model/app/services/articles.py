from app.repositories import articles


def newest():
    return articles.newest()
