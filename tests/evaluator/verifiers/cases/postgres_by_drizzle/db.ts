import { drizzle } from 'drizzle-orm/node-postgres';

export const db = drizzle(process.env.DATABASE_URL ?? 'postgres://user:password@postgres:5432/conduit');
