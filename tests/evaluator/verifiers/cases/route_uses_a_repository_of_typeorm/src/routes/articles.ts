import { Router } from 'express';
import { getRepository } from 'typeorm';
import { source } from '../database';
import { Article } from '../models/article';
import { listArticles } from '../services/articles';

const articles = source.getRepository(Article);
export const router = Router();
router.get('/articles', async (request, response) => {
  response.json({ articles: await listArticles() });
});
router.get('/articles/:slug', async (request, response) => {
  response.json({ article: await articles.findOneBy({ slug: request.params.slug }) });
});
router.delete('/articles/:slug', async (request, response) => {
  await getRepository(Article).delete({ slug: request.params.slug });
  response.json({});
});
