import { newDb } from 'pg-mem';
import { PGlite } from '@electric-sql/pglite';

const { Pool } = newDb().adapters.createPg();
export const pool = new Pool();
export const other = new PGlite();
