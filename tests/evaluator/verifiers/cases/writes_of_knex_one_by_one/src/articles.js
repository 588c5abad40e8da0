import knex from 'knex';

const db = knex({ client: 'pg', connection: 'postgres://user:password@postgres:5432/conduit' });

export async function create(title, tag) {
  await db('articles').insert({ title });
  await db('tags').insert({ name: tag });
}

export const together = (title, tag) =>
  db.transaction(async (trx) => {
    await trx('articles').insert({ title });
    await trx('tags').insert({ name: tag });
  });
