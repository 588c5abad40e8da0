const { Router } = require('express');
const { listArticles } = require('../services/articles');

const router = Router();
router.get('/articles', (request, response) => response.json({ articles: listArticles() }));

module.exports = { router };
