const { Router } = require('express');
const { list } = require('../usecases/articles');

const router = Router();
router.get('/articles', (request, response) => response.json({ articles: list() }));

module.exports = { router };
