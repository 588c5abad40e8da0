const pgp = require('pg-promise')();

module.exports = pgp('postgres://user:password@postgres:5432/conduit');
