from .models import Article


def index(request):
    return Article.objects.all()
