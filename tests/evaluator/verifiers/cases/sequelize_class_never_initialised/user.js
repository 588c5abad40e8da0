const { Model } = require('sequelize');

module.exports = class User extends Model {};
