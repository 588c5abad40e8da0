import Fastify from 'fastify';
import articles from './articles.js';
import profiles from './profiles.js';

const fastify = Fastify();
fastify.get('/api/health-check', async () => ({}));
fastify.register(articles);
fastify.register(profiles);
fastify.listen({ port: 3000 });
