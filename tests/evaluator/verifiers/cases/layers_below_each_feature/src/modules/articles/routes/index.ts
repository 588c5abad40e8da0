import { Hono } from 'hono';
import { list } from '../services/list.ts';

export const articles = new Hono().get('/articles', (c) => c.json(list()));
