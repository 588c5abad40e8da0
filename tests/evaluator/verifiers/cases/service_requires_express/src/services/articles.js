const { Router, json } = require('express');
const { all } = require('../repositories/articles');

function listArticles() {
  return [Router, json, ...all()];
}

module.exports = { listArticles };
