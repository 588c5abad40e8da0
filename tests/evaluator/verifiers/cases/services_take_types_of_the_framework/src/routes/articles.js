import { Router } from 'express';
import { all } from '../services/articles.js';

export const router = Router();
router.get('/articles', (q, s) => s.json(all()));
