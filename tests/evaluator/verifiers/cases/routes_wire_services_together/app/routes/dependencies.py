from app.repositories.articles import rows
from app.services.articles import everything


def service():
    return everything, rows
