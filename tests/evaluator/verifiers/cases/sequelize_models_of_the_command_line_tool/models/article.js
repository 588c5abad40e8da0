'use strict';
const { Model } = require('sequelize');

module.exports = (sequelize, DataTypes) => {
  class Article extends Model {
    static associate(models) {
      Article.belongsTo(models.User);
    }
  }
  Article.init({ slug: DataTypes.STRING }, { sequelize, modelName: 'Article' });
  return Article;
};
