import { DataTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize('postgres://user:password@postgres:5432/conduit');

export const User = sequelize.define('User', { email: DataTypes.STRING });
export const Article = sequelize.define('Article', {
  title: { type: DataTypes.STRING, allowNull: false },
  authorId: { type: DataTypes.INTEGER },
});
