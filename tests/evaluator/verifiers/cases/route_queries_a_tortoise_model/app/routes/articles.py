from fastapi import APIRouter

from app.models import article as models
from app.services.articles import newest

router = APIRouter()


@router.get("/api/articles")
async def list_articles():
    return {"articles": await newest()}


@router.delete("/api/articles/{slug}")
async def delete_article(slug: str):
    await models.Article.filter(slug=slug).delete()
