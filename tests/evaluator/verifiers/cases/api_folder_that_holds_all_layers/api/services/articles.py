from api.repositories.articles import rows


def everything():
    return rows()
