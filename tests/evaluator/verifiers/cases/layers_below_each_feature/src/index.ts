import { Hono } from 'hono';
import { articles } from './modules/articles/routes/index.ts';
import { users } from './modules/users/routes/index.ts';

export default new Hono().route('/api', articles).route('/api', users);
