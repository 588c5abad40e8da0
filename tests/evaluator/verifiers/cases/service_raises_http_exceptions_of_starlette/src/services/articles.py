from starlette.exceptions import HTTPException as Problem

from src.repositories.articles import all_articles


def list_articles():
    if not all_articles():
        raise Problem(404)
    return all_articles()
