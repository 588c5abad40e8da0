const { Article, Tag, db } = require('./models');

exports.all = () => Article.findAll({ include: Tag, order: [db.fn('RANDOM')] });
