from src.repositories.articles import all_articles


def list_articles():
    from flask import current_app

    return [article.as_dict() for article in all_articles()][: current_app.config['PAGE']]
