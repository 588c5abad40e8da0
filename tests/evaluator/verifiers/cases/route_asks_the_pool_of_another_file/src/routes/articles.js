import { Router } from 'express';
import { pool } from '../db.js';
import { listArticles } from '../services/articles.js';

export const router = Router();
router.get('/articles', async (request, response) => {
  const { rows } = await pool.query({ text: 'select slug from articles where id = $1', values: [1] });
  response.json({ articles: listArticles(), rows });
});
