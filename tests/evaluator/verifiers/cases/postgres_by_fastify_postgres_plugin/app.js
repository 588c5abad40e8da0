import fastifyPostgres from '@fastify/postgres';

export function connect(app) {
  app.register(fastifyPostgres, { connectionString: 'postgres://user:password@postgres/conduit' });
}
