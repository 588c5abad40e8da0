import { Router } from 'express';
import { prisma } from '../lib/prisma.js';
import { listArticles } from '../services/articles.js';

export const router = Router();
router.get('/articles', async (request, response) => {
  response.json({ articles: listArticles(), rows: await prisma.article.findMany() });
});
