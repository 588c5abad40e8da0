from fastapi import FastAPI
from tortoise.contrib.fastapi import register_tortoise

from app.routes.articles import router

app = FastAPI()
app.include_router(router)
register_tortoise(app, db_url="sqlite://conduit.db", modules={"models": ["app.models.article"]})
