from fastapi import APIRouter, Depends

from app.routes.dependencies import article_service
from app.services.articles import ArticleService

router = APIRouter()


@router.get('/api/articles')
def index(service: ArticleService = Depends(article_service)):
    return service.everything()
