import { Router } from 'express';
import { list } from '../UseCases/listArticles.js';

export const router = Router();
router.get('/articles', (request, response) => response.json(list()));
