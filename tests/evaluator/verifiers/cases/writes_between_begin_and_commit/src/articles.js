const { Pool } = require('pg');

const pool = new Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });

exports.create = async (article, tags) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO articles (title) VALUES ($1) RETURNING id', [article.title]);
    for (const tag of tags) {
      await client.query('INSERT INTO article_tags (article_id, tag) VALUES ($1, $2)', [rows[0].id, tag]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
};
