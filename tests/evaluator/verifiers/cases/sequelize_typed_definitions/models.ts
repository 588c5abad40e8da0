import { DataTypes, Model, Sequelize, type InferAttributes, type InferCreationAttributes } from 'sequelize';

export const sequelize = new Sequelize('postgres://user:password@postgres/conduit');

export class Article extends Model<InferAttributes<Article>, InferCreationAttributes<Article>> {
  declare id: number;
}
Article.init({ id: { type: DataTypes.INTEGER, primaryKey: true } }, { sequelize });

export const Tag = sequelize.define<Model<{ name: string }>>('Tag', { name: DataTypes.STRING });
