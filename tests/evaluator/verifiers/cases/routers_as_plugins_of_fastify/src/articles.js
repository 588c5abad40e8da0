export default async function articles(fastify) {
  fastify.get('/api/articles', async () => ({ articles: [] }));
  fastify.route({ method: 'POST', url: '/api/articles/:slug/favorite', handler: async () => ({}) });
}
