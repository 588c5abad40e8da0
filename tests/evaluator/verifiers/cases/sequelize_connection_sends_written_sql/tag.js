const sequelize = require('./db');
const { DataTypes } = require('sequelize');

exports.Tag = sequelize.define('Tag', { name: DataTypes.STRING });
exports.all = () => sequelize.query(`
  select name from tags
`);
exports.probe = () => sequelize.query('SELECT 1+1 AS two');
