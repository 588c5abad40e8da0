from django.http import JsonResponse

from conduit.services.articles import everything


def index(request):
    return JsonResponse({'articles': everything(request.GET.get('tag'))})
