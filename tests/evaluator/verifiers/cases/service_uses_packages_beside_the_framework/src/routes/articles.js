import { Router } from 'express';
import { listArticles } from '../services/articles.js';

export const router = Router();
router.get('/articles', (request, response) => response.json({ articles: listArticles() }));
