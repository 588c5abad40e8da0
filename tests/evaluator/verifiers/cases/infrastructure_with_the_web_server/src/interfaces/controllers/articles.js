import { Router } from 'express';
import { listArticles } from '../../infrastructure/container.js';

export const router = Router();
router.get('/articles', (request, response) => response.json(listArticles.run()));
