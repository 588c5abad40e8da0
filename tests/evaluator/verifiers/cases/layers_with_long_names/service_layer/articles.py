from DataAccessLayer.articles import rows


def everything():
    return rows()
