from django.db import models


class Article(models.Model):
    title = models.TextField()


class Tag(models.Model):
    name = models.TextField()
