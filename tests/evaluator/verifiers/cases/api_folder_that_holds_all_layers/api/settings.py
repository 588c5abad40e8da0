from api.routes.articles import bp

X = bp
