import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';

export const articles = pgTable('articles', { slug: text('slug') });
export const db = drizzle('postgres://user:password@postgres/conduit');
