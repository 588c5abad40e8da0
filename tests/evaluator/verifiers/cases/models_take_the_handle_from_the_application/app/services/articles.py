from app.repositories.articles import rows


def everything():
    return rows()
