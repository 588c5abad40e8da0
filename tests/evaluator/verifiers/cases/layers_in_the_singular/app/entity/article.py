class Article:
    def __init__(self, tag):
        self.tag = tag
