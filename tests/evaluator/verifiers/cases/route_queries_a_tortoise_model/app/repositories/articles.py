from app.models.article import Article


async def newest():
    return await Article.all().order_by("-id")
