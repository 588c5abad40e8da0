import { Router } from 'express';
import { Article } from '../models/article';
import { listArticles } from '../services/articles';

export const router = Router();
router.get('/articles', async (request, response) => {
  response.json({ articles: await listArticles() });
});
router.get('/articles/:slug', async (request, response) => {
  const article = await Article.findOneBy({ slug: request.params.slug });
  response.json({ article, known: [article].find(Boolean) });
});
