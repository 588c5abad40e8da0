from fastapi import FastAPI

from conduit.infrastructure.web.controllers.articles import router

app = FastAPI()
app.include_router(router, prefix='/api')
