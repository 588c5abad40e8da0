import Koa from 'koa';
import Router from '@koa/router';

const app = new Koa();
const router = new Router({ prefix: '/api' });

router.get('/articles', (context) => { context.body = {}; });
router.get('/profiles/:name', (context) => { context.body = {}; });
router.get('/tags', (context) => { context.body = {}; });
app.use(router.routes());
app.listen(3000);
