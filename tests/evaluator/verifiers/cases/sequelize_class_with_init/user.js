const { Model, DataTypes } = require('sequelize');
const sequelize = require('./db');

class User extends Model {}
User.init({ name: DataTypes.STRING }, { sequelize });
module.exports = User;
