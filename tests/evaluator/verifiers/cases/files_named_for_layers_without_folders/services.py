from repositories import rows


def everything():
    return rows()
