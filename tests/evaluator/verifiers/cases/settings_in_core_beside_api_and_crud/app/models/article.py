class Article:
    def __init__(self, token):
        self.token = token
