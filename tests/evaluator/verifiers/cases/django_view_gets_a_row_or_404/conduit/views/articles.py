from django.http import JsonResponse
from django.shortcuts import get_object_or_404

from conduit.models.article import Article
from conduit.services.articles import shown


def index(request, slug):
    return JsonResponse(shown(get_object_or_404(Article, slug=slug)))
