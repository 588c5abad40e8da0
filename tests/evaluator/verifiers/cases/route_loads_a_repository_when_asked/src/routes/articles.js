import { Router } from 'express';
import { listArticles } from '../services/articles.js';

export const router = Router();
router.get('/articles', async (request, response) => {
  const { all } = await import('../repositories/articles.js');
  response.json({ articles: listArticles(), all: all() });
});
