from django.http import JsonResponse

from app.models.article import Article
from app.services.articles import everything


def index(request):
    request.session.get("x")
    everything()
    return JsonResponse(Article.objects.filter(slug="a"))
