from aiohttp import web

from app.service.article import everything

routes = web.RouteTableDef()


@routes.get('/api/articles')
async def index(request):
    return web.json_response(everything(request.query.get('tag')))
