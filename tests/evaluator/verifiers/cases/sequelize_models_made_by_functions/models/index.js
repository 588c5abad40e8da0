const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize('postgres://postgres/conduit');
module.exports = { sequelize, Tag: require('./tag')(sequelize, DataTypes) };
