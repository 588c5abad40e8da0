from fastapi import FastAPI

from app.api.articles import router
from app.core.errors import not_found

app = FastAPI()
app.add_exception_handler(404, not_found)
app.include_router(router, prefix='/api')
