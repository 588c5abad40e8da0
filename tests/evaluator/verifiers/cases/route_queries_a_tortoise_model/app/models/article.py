from tortoise import fields, models


class Article(models.Model):
    slug = fields.CharField(max_length=100)
