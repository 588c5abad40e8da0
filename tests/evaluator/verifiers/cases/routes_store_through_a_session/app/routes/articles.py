from fastapi import APIRouter
from sqlalchemy.orm import Session

from app.services.articles import everything

router = APIRouter()


@router.post("/articles")
def create(db: Session):
    db.add(everything())
    db.commit()
