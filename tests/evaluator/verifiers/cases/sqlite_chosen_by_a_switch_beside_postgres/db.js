import Database from 'better-sqlite3';
import pg from 'pg';

export function open() {
  switch (process.env.DB_KIND) {
    case 'sqlite':
      return new Database('conduit.db');
    default:
      return new pg.Pool({ host: 'postgres' });
  }
}
