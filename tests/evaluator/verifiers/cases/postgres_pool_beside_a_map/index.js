import express from 'express';
import { pool } from './db.js';

const articles = new Map();
const app = express();
app.get('/api/health-check', async (request, response) => response.json(await pool.query('SELECT 1')));
app.post('/api/articles', express.json(), (request, response) => {
  articles.set(request.body.article.slug, request.body.article);
  response.json({ article: articles.get(request.body.article.slug) });
});
app.listen(3000);
