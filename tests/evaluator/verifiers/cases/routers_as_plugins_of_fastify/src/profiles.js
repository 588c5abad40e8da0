export default async function profiles(fastify) {
  fastify.get('/api/profiles/:name', async () => ({ profile: {} }));
}
