from fastapi import APIRouter

from app.services.articles import everything

router = APIRouter()


@router.get('/articles')
def index():
    return everything()
