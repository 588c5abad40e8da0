const { Sequelize } = require('sequelize');
const config = require('../config/config.json');

module.exports = new Sequelize(config.development);
