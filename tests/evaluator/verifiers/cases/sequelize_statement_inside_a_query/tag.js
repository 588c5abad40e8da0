const sequelize = require('./db');
const { DataTypes } = require('sequelize');

exports.Tag = sequelize.define('Tag', { name: DataTypes.STRING });
exports.all = () =>
  exports.Tag.findAll({ attributes: [[sequelize.literal('(SELECT COUNT(*) FROM favorites)'), 'n']] });
