const { Pool } = require('pg');
const Database = require('better-sqlite3');

let db;
if (process.env.USE_SQLITE === '1') {
  db = new Database('dev.db');
} else {
  db = new Pool({ host: 'postgres' });
}
module.exports = db;
