from django.urls import path

from conduit.views.articles import index

urlpatterns = [path('api/articles', index)]
