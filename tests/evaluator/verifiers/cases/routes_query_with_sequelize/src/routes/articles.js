import { Router } from 'express';
import { Article } from '../models/article.js';
import * as articleService from '../services/articles.js';

export const router = Router();
router.get('/articles', async (q, s) => s.json(await Article.findAll()));
router.get('/tags', async (q, s) => s.json(await articleService.findAll()));
