class Article(:
    pass
