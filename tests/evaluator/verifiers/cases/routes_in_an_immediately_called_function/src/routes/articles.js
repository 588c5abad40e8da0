const express = require('express');
const { listArticles } = require('../services/articles');
const { all: everything = () => [] } = require('../repositories/articles.js');

module.exports.router = (() => {
  const router = express.Router();
  router.get('/articles', (request, response) => response.json({ all: everything(), list: listArticles() }));
  return router;
})();
