const { Client } = require('pg');

module.exports = new Client({ host: process.env.PGHOST || 'postgres' });
