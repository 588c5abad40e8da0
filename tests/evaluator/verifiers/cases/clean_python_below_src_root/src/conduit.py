from app.routes.articles import bp

app = bp
