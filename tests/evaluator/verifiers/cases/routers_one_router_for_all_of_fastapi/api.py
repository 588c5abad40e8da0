from fastapi import APIRouter, FastAPI

router = APIRouter(prefix="/api")
app = FastAPI()


@router.get("/articles")
def articles() -> dict:
    return {}


@router.get("/profiles/{name}")
def profile(name: str) -> dict:
    return {}


@router.get("/tags")
def tags() -> dict:
    return {}


app.include_router(router)
