import { Hono } from 'hono';
import { list } from '../services/articles';

export default new Hono().get('/articles', (c) => c.json(list()));
