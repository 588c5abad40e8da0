import { Hono } from 'hono';

export const articles = new Hono();
articles.get('/', (context) => context.json({}));
articles.get('/:slug', (context) => context.json({}));
