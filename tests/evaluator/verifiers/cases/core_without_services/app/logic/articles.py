from app.crud.articles import rows


def everything():
    return rows()
