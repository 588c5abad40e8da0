const { all } = require('../repositories/articles.mjs');

exports.list = () => all();
