from fastapi import APIRouter

from conduit.application.list_articles import list_articles

router = APIRouter()


@router.get('/articles')
def index():
    return list_articles()
