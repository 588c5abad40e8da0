from src.routes.articles import bp

CASE = bp
