import { Hono } from 'hono';
import { articles } from './modules/articles/routes/index.ts';

export default new Hono().route('/api', articles);
