const sequelize = require('./db');
const knex = require('knex')({ client: 'sqlite3' });

exports.Tag = sequelize.define('Tag', {});
exports.all = () => knex('tags').select('name');
