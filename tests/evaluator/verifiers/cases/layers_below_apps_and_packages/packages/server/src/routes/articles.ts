import { Router } from 'express';
import { list } from '../services/articles';

export const router = Router().get('/articles', (request, response) => response.json(list()));
