from src.routes.articles import bp
