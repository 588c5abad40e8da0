import fastify from 'fastify';
import articles from './routes/articles.js';

fastify().register(articles).listen({ port: 3000 });
