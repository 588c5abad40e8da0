const store = require('better-sqlite3')('cache.db');

module.exports = store;
