import { Sequelize, DataTypes } from 'sequelize';

export const sequelize = new Sequelize('postgres://user:password@postgres/conduit');
export const Article = sequelize.define('Article', { slug: DataTypes.STRING });
