import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });

export async function remember(names) {
  for (const name of names) {
    await pool.query('INSERT INTO tags (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
  }
}
