from app.routes.articles import router

ROUTER = router
