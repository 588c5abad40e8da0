from django.db import models


class Article(models.Model):
    tag = models.CharField(max_length=20)
