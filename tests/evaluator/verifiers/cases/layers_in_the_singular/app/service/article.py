from app.repo.article import rows


def everything(tag):
    return rows(tag)
