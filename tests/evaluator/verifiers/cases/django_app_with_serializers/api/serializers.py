from api.models import Article


def everything():
    return Article.objects.all()
