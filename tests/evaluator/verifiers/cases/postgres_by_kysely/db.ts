import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

export const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new Pool({ host: 'postgres' }) }) });
