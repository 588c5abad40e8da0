import { Sequelize, DataTypes, Model } from 'sequelize';

export const sequelize = new Sequelize('postgres://user:password@postgres/conduit');
export class Article extends Model {
  static initialize() {
    return super.init({ slug: DataTypes.STRING }, { sequelize });
  }
}
