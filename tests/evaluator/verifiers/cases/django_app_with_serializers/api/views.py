from django.http import JsonResponse

from api.models import Article


def index(request):
    return JsonResponse({'articles': Article.objects.count()})
