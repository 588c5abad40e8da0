const { Article } = require('../models/article');

const rows = new Map();

function all() {
  return [...rows.values()].map((row) => new Article(row));
}

module.exports = { all };
