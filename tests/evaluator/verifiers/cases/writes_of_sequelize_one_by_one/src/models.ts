import { DataTypes, Sequelize } from 'sequelize';

export const sequelize = new Sequelize('postgres://user:password@postgres:5432/conduit');
export const Article = sequelize.define('Article', { title: DataTypes.STRING });
export const Tag = sequelize.define('Tag', { name: DataTypes.STRING });
Article.belongsToMany(Tag, { through: 'ArticleTags', as: 'tags' });
