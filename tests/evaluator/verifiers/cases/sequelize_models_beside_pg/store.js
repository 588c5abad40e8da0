import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres' });
export const all = async () => {
  const { rows } = await pool.query({ text: 'select * from articles', values: [] });
  await pool.query(`insert into seen (slug) values ('${rows[0].slug}')`);
  return rows;
};
