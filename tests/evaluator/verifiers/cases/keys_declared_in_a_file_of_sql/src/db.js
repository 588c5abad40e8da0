import fs from 'node:fs';
import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });
export const migrate = () => pool.query(fs.readFileSync('schema.sql', 'utf8'));
