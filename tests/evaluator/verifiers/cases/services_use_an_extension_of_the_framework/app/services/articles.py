from flask_jwt_extended import create_access_token

from app.repositories.articles import rows


def everything():
    return rows(), create_access_token("a")
