import fs from 'node:fs';
import pg from 'pg';

const pool = new pg.Pool({ host: 'postgres', user: 'user', password: 'password', database: 'conduit' });
for (const name of fs.readdirSync('migrations').sort()) {
  await pool.query(fs.readFileSync(`migrations/${name}`, 'utf8'));
}
