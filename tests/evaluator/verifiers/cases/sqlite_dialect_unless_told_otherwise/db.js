const { Sequelize } = require('sequelize');

module.exports = new Sequelize({
  dialect: process.env.DB_DIALECT || 'sqlite',
  storage: 'conduit.sqlite',
  host: process.env.DB_HOST || 'postgres',
});
