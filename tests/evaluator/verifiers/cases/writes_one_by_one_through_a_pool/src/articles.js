const { Pool } = require('pg');

const pool = new Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });

exports.create = async (article, tags) => {
  const { rows } = await pool.query('INSERT INTO articles (title) VALUES ($1) RETURNING id', [article.title]);
  for (const tag of tags) {
    await pool.query('INSERT INTO article_tags (article_id, tag) VALUES ($1, $2)', [rows[0].id, tag]);
  }
};
