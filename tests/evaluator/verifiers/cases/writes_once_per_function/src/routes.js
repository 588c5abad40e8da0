import express from 'express';
import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });
export function routes(router) {
  router.post('/favorite', async (request, response) => {
    await pool.query('INSERT INTO favorites VALUES ($1, $2)', [request.user, request.body.id]);
    response.end();
  });
  router.delete('/favorite', async (request, response) => {
    await pool.query('DELETE FROM favorites WHERE user_id = $1', [request.user]);
    response.end();
  });
}
export default express;
