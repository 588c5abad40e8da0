from aiohttp import web

from app.handler.article import routes

application = web.Application()
application.add_routes(routes)
web.run_app(application, port=8080)
