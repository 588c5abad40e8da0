from src.routes.articles import bp

X = bp
