module.exports.Article = class {
  all() {
    return require('../services/articles').all();
  }
};
