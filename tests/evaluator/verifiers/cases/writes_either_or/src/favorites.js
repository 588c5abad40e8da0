import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });

export async function mark(user, article, liked) {
  if (liked) {
    await pool.query('INSERT INTO favorites VALUES ($1, $2)', [user, article]);
  } else {
    await pool.query('DELETE FROM favorites WHERE user_id = $1 AND article_id = $2', [user, article]);
  }
}
