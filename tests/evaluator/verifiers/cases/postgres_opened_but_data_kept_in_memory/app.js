import express from 'express';
import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres' });
const articles = new Map();
const app = express();
app.get('/api/health-check', async (q, s) => {
  await pool.query('SELECT 1');
  s.json({});
});
app.post('/api/articles', (q, s) => {
  articles.set(q.body.slug, q.body);
  s.json({});
});
