from fastapi import HTTPException

from app.repositories.articles import rows


def everything():
    if not rows():
        raise HTTPException(404)
    return rows()
