import { Router } from 'express';

export const articles = Router();
articles.get('/', (request, response) => response.json({}));
articles.get('/feed', (request, response) => response.json({}));
articles.get('/popular', (request, response) => response.json({}));
articles.get('/:slug/comments', (request, response) => response.json({}));
