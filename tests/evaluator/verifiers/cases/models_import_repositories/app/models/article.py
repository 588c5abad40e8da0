from app.repositories import database


class Article:
    store = database
