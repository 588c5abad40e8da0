const { DatabaseSync: Database } = require('node:sqlite');

module.exports = new Database('conduit.db');
