import { Router } from 'express';
import { list } from '../services/index.cjs';

export const router = Router().get('/articles', (request, response) => response.json(list()));
