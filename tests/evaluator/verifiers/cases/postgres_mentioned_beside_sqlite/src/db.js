// import pg from 'pg';
import Database from 'better-sqlite3';

const message = 'postgres://user:password@postgres:5432/conduit is not used';
/* const pool = new Pool({ host: 'postgres' }); */
export const db = new Database(process.env.DB_FILE || 'conduit.sqlite', { verbose: () => message });
