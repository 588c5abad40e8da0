import { Hono } from 'hono';
import articles from './routes/articles';

export default new Hono().route('/api', articles);
