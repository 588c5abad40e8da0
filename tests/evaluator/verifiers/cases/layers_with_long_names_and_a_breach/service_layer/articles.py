from DataAccessLayer import articles


def everything():
    return articles.rows()
