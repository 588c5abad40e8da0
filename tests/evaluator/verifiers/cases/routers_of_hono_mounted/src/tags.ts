import { Hono } from 'hono';

export const tags = new Hono();
tags.get('/', (context) => context.json({ tags: [] }));
