const articles = new Map();

module.exports = {
  allArticles() {
    return [...articles.values()];
  },
};
