from app.core.config import PAGE
from app.crud.articles import rows


def everything():
    return rows()[:PAGE]
