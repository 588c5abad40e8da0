import { Router } from 'express';

export function makeRouter({ articles }) {
  const router = Router();
  router.get('/articles', async (request, response) => response.json(await articles.query(request.query)));
  return router;
}
