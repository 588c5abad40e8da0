from api.models import Article


def who():
    return Article.objects.get(pk=1)
