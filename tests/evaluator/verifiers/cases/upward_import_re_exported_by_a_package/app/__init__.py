from app.routes.articles import bp as blueprint
