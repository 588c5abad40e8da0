const open = require('better-sqlite3');

module.exports = open('conduit.db');
