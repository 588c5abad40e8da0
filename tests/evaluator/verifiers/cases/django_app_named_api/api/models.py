from django.db import models


class Article(models.Model):
    def latest(self):
        return Article.objects.filter(slug="a")
