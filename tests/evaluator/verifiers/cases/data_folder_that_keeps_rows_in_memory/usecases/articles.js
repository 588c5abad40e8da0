const { allArticles } = require('../data/articleStore');

module.exports = { list: () => allArticles() };
