const { Router } = require('express');
const { listArticles } = require('../services/articles');
const store = require(`../repositories/articles`);

const router = Router();
router.get('/articles', (request, response) => response.json({ articles: listArticles(), all: store.all() }));

module.exports = { router };
