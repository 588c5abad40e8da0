from fastapi import FastAPI

from app.routes.articles import router

app = FastAPI()
app.include_router(router)
