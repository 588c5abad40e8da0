const { sequelize } = require('./models');

exports.all = () => sequelize.models.Article.findAll();
