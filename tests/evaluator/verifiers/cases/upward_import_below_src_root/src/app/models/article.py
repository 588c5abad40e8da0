from app.services import articles


class Article:
    service = articles
