import { Hono } from 'hono';
import { articles } from './articles';
import { tags } from './tags';

const app = new Hono();
app.get('/api/health-check', (context) => context.json({}));
app.route('/api/articles', articles);
app.route('/api/tags', tags);
export default app;
