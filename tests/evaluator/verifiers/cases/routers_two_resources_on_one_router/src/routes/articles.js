const { Router } = require('express');

const router = Router();
router.get('/articles', (request, response) => response.json({ articles: [] }));
router.post('/articles', (request, response) => response.status(201).json({}));
router.get('/tags', (request, response) => response.json({ tags: [] }));
module.exports = router;
