import { Sequelize, DataTypes } from 'sequelize';

export const sequelize = new Sequelize('postgres://user:password@postgres/conduit');
export const Tag = sequelize.define('Tag', { name: DataTypes.STRING });
