from fastapi import APIRouter, Depends

from app.logic.articles import everything

router = APIRouter()


@router.get('/articles')
def index():
    return everything()
