from app import blueprint
from app.repositories.articles import rows


def everything():
    return rows(), blueprint
