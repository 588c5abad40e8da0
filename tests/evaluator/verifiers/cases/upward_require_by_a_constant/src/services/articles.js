const { all } = require('../repositories/articles');

function listArticles() {
  return all().map((article) => article.toJSON());
}

module.exports = { listArticles };
